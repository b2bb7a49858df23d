package io.howdah.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Channels that follow a table of the application's. */
@Timeout(120)
class NotifyOnTest extends HowdahTest {
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private String jobs;
  private ChannelSubscription subscription;

  @BeforeEach
  void table() {
    jobs = schema + ".work";
    run("CREATE TABLE $.work (id int, queue text, note text)");
    subscription = howdah.channels().subscribe("job_available", m -> heard.add(m.payload()));
    assertThat(howdah.channels().notifyOn(jobs, "job_available", "queue")).isTrue();
    heard.clear();
  }

  @AfterEach
  void drop() {
    subscription.close();
    run("DROP TABLE $.work");
  }

  private void run(String sql) {
    assertThat(sql(sql)).hasSizeLessThan(2);
  }

  /** What was heard since; a marker behind it makes sure that it is all. */
  private List<String> heard() {
    howdah.channels().publish("job_available", "(marker)");
    Eventually.holds("the marker comes", () -> heard.contains("(marker)"));
    List<String> all = new ArrayList<>(heard);
    heard.clear();
    all.remove("(marker)");
    return all;
  }

  @Test
  void eachStatementNotifiesEachValueOnce() {
    run("INSERT INTO $.work SELECT i, 'q' || i % 2 FROM generate_series(1, 100) AS i");
    assertThat(heard()).containsExactly("q0", "q1");
    run("INSERT INTO $.work VALUES (200, NULL)");
    assertThat(heard()).as("NULL is none").isEmpty();
    run("UPDATE $.work SET queue = 'q2' WHERE id = 1");
    assertThat(heard()).as("as it was and as it is").containsExactly("q1", "q2");
    run("UPDATE $.work SET note = 'x' WHERE id < 0");
    run("DELETE FROM $.work WHERE id < 0");
    assertThat(heard()).as("no row, no message").isEmpty();
    run("DELETE FROM $.work WHERE id IN (1, 2)");
    assertThat(heard()).containsExactly("q0", "q2");
    run("TRUNCATE $.work");
    assertThat(heard()).as("any value").containsExactly("");
    run("INSERT INTO $.work SELECT i, 'q' || i FROM generate_series(1, 1001) AS i");
    assertThat(heard()).as("too many values").containsExactly("");
  }

  @Test
  void rollbackNotifiesNothing() throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(sql(connection, "INSERT INTO $.work VALUES (1, 'a')")).isEmpty();
      connection.rollback();
      assertThat(sql(connection, "INSERT INTO $.work VALUES (1, 'b')")).isEmpty();
      connection.commit();
    }
    assertThat(heard()).containsExactly("b");
  }

  @Test
  void itIsIdempotentListedAndRemovable() {
    assertThat(howdah.channels().notifyOn(jobs, "job_available", "queue")).isFalse();
    assertThat(howdah.channels().notifiesOn())
        .containsExactly(new TableNotice(jobs, "job_available", "queue"));
    run("INSERT INTO $.work VALUES (1, 'a')");
    assertThat(heard()).containsExactly("a");
    assertThat(howdah.channels().dropNotifyOn(jobs, "job_available", "queue")).isTrue();
    assertThat(howdah.channels().dropNotifyOn(jobs, "job_available", "queue")).isFalse();
    run("INSERT INTO $.work VALUES (2, 'b')");
    assertThat(heard()).isEmpty();
    assertThat(howdah.channels().notifiesOn()).isEmpty();
    assertThat(sql("SELECT tgname FROM pg_trigger WHERE tgrelid = ?::regclass", jobs)).isEmpty();
  }

  @Test
  void droppedColumnDoesNotStopTheApplication() {
    run("ALTER TABLE $.work RENAME queue TO lane");
    run("INSERT INTO $.work VALUES (1, 'a')");
    assertThat(heard()).containsExactly("");
  }

  @Test
  void retainedChannelKeepsWhatTheTableSaid() {
    assertThat(howdah.channels().retain("audit", Duration.ofHours(1))).isTrue();
    assertThat(howdah.channels().notifyOn(jobs, "audit", "id")).isTrue();
    run("INSERT INTO $.work VALUES (1, 'a'), (2, 'b')");
    Eventually.holds(
        "they are kept",
        () ->
            howdah.channels().read("audit", null, 10).stream()
                .map(RetainedMessage::payload)
                .toList()
                .equals(List.of("1", "2")));
  }

  @Test
  void writerWithoutRightsOnTheSchemaNotifies() throws SQLException {
    String role = "writer_" + schema;
    run("CREATE ROLE " + role);
    run("GRANT USAGE ON SCHEMA " + schema + " TO " + role);
    run("GRANT INSERT ON $.work TO " + role);
    try (Connection connection = connect()) {
      assertThat(sql(connection, "SET ROLE " + role)).isEmpty();
      assertThat(sql(connection, "INSERT INTO $.work VALUES (1, 'a')")).isEmpty();
      assertThatThrownBy(() -> sql(connection, "SELECT $.channel_publish('x', 'y')"))
          .hasMessageContaining("permission denied");
    }
    assertThat(heard()).containsExactly("a");
    run("REVOKE ALL ON $.work FROM " + role);
    run("REVOKE ALL ON SCHEMA " + schema + " FROM " + role);
    run("DROP ROLE " + role);
  }

  @Test
  void writersAtOnceNotifyWithoutDeadlock() {
    List<Integer> done =
        Threads.run(
            8,
            thread -> {
              try (Connection connection = connect()) {
                for (int i = 0; i < 20; i++) {
                  assertThat(
                          sql(
                              connection,
                              "INSERT INTO $.work VALUES (" + i + ", 't" + thread + "')"))
                      .isEmpty();
                }
              }
              return thread;
            });
    assertThat(done).hasSize(8);
    assertThat(heard()).hasSize(160);
  }
}
