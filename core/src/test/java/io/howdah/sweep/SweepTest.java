package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.sweep.SweepReport.Outcome;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is dead goes, and nothing else. */
@Timeout(180)
class SweepTest extends HowdahTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @ParameterizedTest
  @ValueSource(strings = {"kv_ephemeral", "kv_durable", "kv_document"})
  void deadRowsAreRemovedAndOthersStay(String table) {
    String namespace = "dead-" + table;
    if (!table.equals("kv_ephemeral")) {
      NamespaceSettings settings = NamespaceSettings.of(Durability.DURABLE);
      howdah
          .namespaces()
          .create(namespace, table.equals("kv_document") ? settings.asSearchable() : settings);
    }
    KeyValueStore<Integer> store = howdah.kv(namespace, Integer.class);
    for (int i = 0; i < 30; i++) {
      store.set("short-" + i, i, Duration.ofMinutes(1));
      store.set("long-" + i, i, HOUR);
      store.set("endless-" + i, i);
    }
    age(namespace, 60);
    assertThat(store.count("")).isEqualTo(60);
    assertThat(rows(table, namespace)).isEqualTo(90);
    SweepReport report = sweepAll();
    assertThat(report.removed()).isEqualTo(30);
    assertThat(report.evicted()).isZero();
    assertThat(rows(table, namespace)).isEqualTo(60);
    assertThat(store.count("")).isEqualTo(60);
  }

  /** A row that is refreshed at any moment of a sweep is there afterwards. */
  @Test
  void refreshedEntryIsNotSwept() {
    int writers = 64;
    int times = 12;
    KeyValueStore<Integer> store = howdah.kv("refreshed", Integer.class);
    AtomicBoolean over = new AtomicBoolean();
    Thread[] sweepers = new Thread[2];
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < sweepers.length; i++) {
      sweepers[i] =
          new Thread(() -> {
            while (!over.get()) {
              howdah.sweep();
            }
          });
      sweepers[i].setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
      sweepers[i].start();
    }
    List<Integer> lost;
    try {
      lost =
          Threads.run(
              writers,
              thread -> {
                int missing = 0;
                String[] keys = new String[20];
                Map<String, Integer> values = new HashMap<>();
                for (int k = 0; k < keys.length; k++) {
                  keys[k] = thread + "-" + k;
                }
                try (Connection connection = connect()) {
                  for (int i = 0; i < times; i++) {
                    // Many dead rows around, so that the sweeper has a statement to be in.
                    for (String key : keys) {
                      values.put(key, i);
                    }
                    store.setAll(values, HOUR);
                    List<String> none =
                        sql(
                            connection,
                            "UPDATE $.kv_ephemeral SET expires_at = statement_timestamp() WHERE namespace = 'refreshed' AND key = ANY (?)",
                            (Object) keys);
                    assert none.isEmpty();
                    for (int k = 0; k < 5; k++) {
                      store.set(keys[k], i, HOUR);
                    }
                    for (int k = 0; k < 5; k++) {
                      missing += store.get(keys[k]).equals(Optional.of(i)) ? 0 : 1;
                    }
                  }
                }
                return missing;
              });
    } finally {
      over.set(true);
      join(sweepers);
    }
    assertThat(failures).isEmpty();
    assertThat(lost).containsOnly(0);
    // The first goes on with the turn that the two were making, and may have passed what died
    // since.
    sweepAll();
    sweepAll();
    assertThat(store.count("")).isEqualTo(writers * 5L);
    assertThat(rows("kv_ephemeral", "refreshed")).isEqualTo(writers * 5L);
  }

  @Test
  void rowThatATransactionIsRefreshingIsLeftAlone() throws SQLException {
    KeyValueStore<Integer> store = howdah.kv("held", Integer.class);
    store.set("k", 1, Duration.ofMinutes(1));
    store.set("other", 1, Duration.ofMinutes(1));
    age("held", 60);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      howdah.on(connection).kv("held", Integer.class).set("k", 2, HOUR);
      assertThat(sweepAll().removed()).isEqualTo(1);
      connection.commit();
    }
    assertThat(sweepAll().removed()).isZero();
    assertThat(store.get("k")).contains(2);
  }

  @Test
  void rowThatATransactionHoldsGoesWhenItHasEnded() throws SQLException {
    howdah.kv("locked", Integer.class).set("k", 1, Duration.ofMinutes(1));
    age("locked", 60);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(
              sql(
                  connection,
                  "SELECT key FROM $.kv_ephemeral WHERE namespace = 'locked' FOR UPDATE"))
          .hasSize(1);
      assertThat(sweepAll().removed()).isZero();
      connection.rollback();
    }
    assertThat(sweepAll().removed()).isEqualTo(1);
  }

  @Test
  void oneSweeperIsAtWorkAtATime() throws SQLException {
    String elsewhere = TestPostgres.freshSchema(getClass());
    try (Connection connection = connect();
        Howdah neighbour = TestPostgres.builder().schema(elsewhere).sweeper(false).open()) {
      connection.setAutoCommit(false);
      assertThat(sql(connection, "SELECT outcome FROM $.sweep()")).containsExactly("swept");
      SweepReport report = howdah.sweep();
      assertThat(report.outcome()).isEqualTo(Outcome.BUSY);
      assertThat(report.pages()).isZero();
      assertThat(neighbour.sweep().outcome()).isEqualTo(Outcome.SWEPT);
      connection.commit();
      assertThat(howdah.sweep().outcome()).isEqualTo(Outcome.SWEPT);
      try (Statement statement = connection.createStatement()) {
        statement.execute("DROP SCHEMA " + elsewhere + " CASCADE");
        connection.commit();
      }
    }
  }

  @Test
  void manySweepersAtOnceRemoveEachRowOnce() {
    List<String> none =
        sql(
            "INSERT INTO $.kv_ephemeral (namespace, key, value, version, expires_at, created_at, updated_at)"
                + " SELECT 'many', i::text, '1', 1, now() - interval '1 s', now(), now() FROM generate_series(1, 20000) AS i");
    assertThat(none).isEmpty();
    List<Long> removed =
        Threads.run(
            8,
            thread -> {
              long sum = 0;
              SweepReport report;
              do {
                report = howdah.sweep();
                sum += report.removed();
              } while (!report.isDone());
              return sum;
            });
    long sum = removed.stream().mapToLong(Long::longValue).sum();
    assertThat(sum + sweepAll().removed()).isEqualTo(20_000);
    assertThat(rows("kv_ephemeral", "many")).isZero();
  }

  /** After a crash Postgres begins an unlogged table anew, with no page at all. */
  @Test
  void emptiedUnloggedTableIsSwept() {
    KeyValueStore<String> store = howdah.kv("emptied", String.class);
    for (int i = 0; i < 50; i++) {
      store.set("k" + i, "x".repeat(100), HOUR);
    }
    sweepAll();
    assertThat(size("emptied")).isEqualTo(50);
    assertThat(sql("TRUNCATE $.kv_ephemeral")).isEmpty();
    assertThat(sweepAll().outcome()).isEqualTo(Outcome.SWEPT);
    assertThat(sql("SELECT name FROM $.sweep_size WHERE table_name = 'kv_ephemeral'")).isEmpty();
    assertThat(sql("SELECT pages, entries FROM $.sweep_hand WHERE table_name = 'kv_ephemeral'"))
        .containsExactly("0");
    store.set("k", "v", Duration.ofMinutes(1));
    age("emptied", 60);
    assertThat(sweepAll().removed()).isEqualTo(1);
  }

  /** A statement removes no more than its budget, however many rows are dead and however large. */
  @Test
  void batchesAreBounded() {
    List<String> none =
        sql(
            "INSERT INTO $.kv_ephemeral (namespace, key, bytes, version, expires_at, created_at, updated_at)"
                + " SELECT 'large', i::text, (SELECT string_agg(sha256((i || '-' || j)::bytea), ''::bytea) FROM generate_series(1, 3125) AS j), 1, now() - interval '1 s', now(), now()"
                + " FROM generate_series(1, 50) AS i");
    assertThat(none).isEmpty();
    assertThat(
            sql(
                "SELECT removed || ' ' || is_clean FROM $._kv_ephemeral_sweep(0, 100000, now(), 500)"))
        .containsExactly("10 false");
    // The first one always goes.
    assertThat(
            sql(
                "SELECT removed || ' ' || is_clean FROM $._kv_ephemeral_sweep(0, 100000, now(), 1)"))
        .containsExactly("1 false");
    assertThat(sweepAll().removed()).isEqualTo(39);
  }

  @Test
  void sweepAllWorksUntilNothingIsDue() throws SQLException {
    howdah.namespaces().create("all", Durability.DURABLE);
    KeyValueStore<Integer> store = howdah.kv("all", Integer.class);
    for (int i = 0; i < 20; i++) {
      store.set("k" + i, i, Duration.ofMinutes(1));
    }
    age("all", 60);
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CALL " + schema + ".sweep_all('30 seconds')");
      assertThat((Throwable) statement.getWarnings()).isNull();
      assertThat(rows("kv_durable", "all")).isZero();

      // While another sweeper is at work it says so.
      try (Connection other = connect()) {
        other.setAutoCommit(false);
        assertThat(sql(other, "SELECT outcome FROM $.sweep()")).containsExactly("swept");
        statement.execute("CALL " + schema + ".sweep_all('30 seconds')");
        assertThat((Throwable) statement.getWarnings()).hasMessageContaining("another sweeper");
        other.rollback();
      }
    }
    assertThat(sqlState("CALL $.sweep_all('0 seconds')")).isEqualTo("22023");
    assertThat(sqlState("CALL $.sweep_all(NULL)")).isEqualTo("22023");
  }

  @Test
  void rangesThatAreNotDueAreSkipped() {
    KeyValueStore<Integer> store = howdah.kv("skipped", Integer.class);
    store.set("k", 1, HOUR);
    sweepAll();
    String due =
        "SELECT pages || ' ' || (next_in > interval '0') FROM $._sweep(statement_timestamp(), NULL, 0)";
    assertThat(sql(due)).containsExactly("0 true");
    assertThat(sql("UPDATE $.sweep_range SET due_at = now()")).isEmpty();
    assertThat(sql("UPDATE $.sweep_hand SET due_at = now()")).isEmpty();
    assertThat(sql(due)).doesNotContain("0 true");
  }

  @Test
  void handKeepsWhatWatchersNeed() {
    KeyValueStore<Integer> store = howdah.kv("watched", Integer.class);
    store.set("k", 1, Duration.ofMinutes(1));
    age("watched", 100);
    long removed = number("SELECT removed FROM $.sweep_hand WHERE table_name = 'kv_ephemeral'");
    sweepAll();
    assertThat(number("SELECT removed FROM $.sweep_hand WHERE table_name = 'kv_ephemeral'"))
        .isEqualTo(removed + 1);
    assertThat(
            sql(
                "SELECT backlog_age BETWEEN interval '40 s' AND interval '3 min' AND last_turn IS NOT NULL AND worked > interval '0'"
                    + " AND swept_at > now() - interval '1 min' FROM $.sweep_hand WHERE table_name = 'kv_ephemeral'"))
        .containsExactly("t");
  }

  @CanIgnoreReturnValue
  private SweepReport sweepAll() {
    SweepReport report;
    long removed = 0;
    long evicted = 0;
    long pages = 0;
    do {
      report = howdah.sweep();
      removed += report.removed();
      evicted += report.evicted();
      pages += report.pages();
    } while (!report.isDone());
    return new SweepReport(
        report.outcome(), pages, removed, evicted, true, report.nextIn(), report.warning());
  }

  private long rows(String table, String namespace) {
    return number("SELECT count(*) FROM $." + table + " WHERE namespace = ?", namespace);
  }

  private long size(String namespace) {
    return number("SELECT entries FROM $.namespace_size WHERE name = ?", namespace);
  }

  private long number(String sql, Object... args) {
    return Long.parseLong(sql(sql, args).get(0));
  }

  private String sqlState(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql.replace("$.", schema + "."));
      return "none";
    } catch (SQLException e) {
      return e.getSQLState();
    }
  }

  private static void join(Thread[] threads) {
    for (Thread thread : threads) {
      try {
        thread.join(30_000);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
