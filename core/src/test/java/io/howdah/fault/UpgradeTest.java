package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.fault.History.Event;
import io.howdah.schema.Migrator;
import io.howdah.testing.TestPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema is upgraded while the library of its previous version is at work, in a process of its
 * own; the present one comes beside it, and goes again: the application was rolled back.
 */
@Tag("full")
@Timeout(300)
class UpgradeTest {
  private static final Logger LOG = LoggerFactory.getLogger(UpgradeTest.class);

  private final String schema = TestPostgres.freshSchema(getClass());

  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
  }

  private int schemaVersion() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT max(version) FROM " + schema + ".schema_version")) {
      assertThat(rows.next()).isTrue();
      return rows.getInt(1);
    }
  }

  @Test
  void noCallFailsWhileTheSchemaIsUpgradedAndTheApplicationRolledBack(@TempDir Path folder)
      throws Exception {
    PreviousLibrary previous = PreviousLibrary.compile(folder);
    assertThat(previous.schemaVersion())
        .as("the schema version of the previous library; PreviousLibrary says how it is renewed")
        .isEqualTo(Migrator.VERSION - 1);
    History history = new History();
    try (LoadProcess old = previousProcess(previous, 1)) {
      assertThat(schemaVersion()).isEqualTo(Migrator.VERSION - 1);
      old.awaitProgress(500);
      assertThat(new Migrator(TestPostgres.dataSource(), schema).migrate()).isTrue();
      old.awaitProgress(500);

      try (Howdah present =
          Howdah.builder(TestPostgres.url())
              .schema(schema)
              .callTimeout(Duration.ofSeconds(30))
              .open()) {
        Load load =
            new Load(
                present,
                List.copyOf(LoadProcess.namespaces().keySet()),
                history,
                Load.Size.SMALL,
                2);
        load.start(2);
        load.awaitProgress(500);
        old.awaitProgress(500);
        assertThat(load.stop(Duration.ofSeconds(60))).isTrue();
      }

      old.awaitProgress(500);
      // So does one that is started again, and leaves the schema as it is.
      try (LoadProcess again = previousProcess(previous, 3)) {
        again.awaitProgress(500);
        history.addAll(again.stop());
      }
      history.addAll(old.stop());
    }
    assertThat(schemaVersion()).isEqualTo(Migrator.VERSION);
    assertThat(new Migrator(TestPostgres.dataSource(), schema).migrate())
        .as("the functions were touched by the previous library")
        .isFalse();
    LOG.info(
        "the longest of {} calls took {} ms",
        history.events().size(),
        history.events().stream().mapToLong(call -> call.ended() - call.began()).max().orElse(0)
            / 1_000_000);
    assertThat(history.untyped()).isEmpty();
    List<Event> failed = new ArrayList<>(history.events());
    failed.removeIf(Event::isAnswered);
    assertThat(failed).as("calls that failed").isEmpty();
    try (Connection connection = TestPostgres.dataSource().getConnection()) {
      new Checker(LoadProcess.namespaces(), history.events(), List.of())
          .check(Checker.there(connection, schema));
    }
  }

  private LoadProcess previousProcess(PreviousLibrary previous, int number) throws Exception {
    return LoadProcess.start(previous.classPath(), Map.of(), TestPostgres.url(), schema, number);
  }
}
