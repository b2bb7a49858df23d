package io.howdah.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.engine.EngineMetrics;
import io.howdah.kv.KeyValueStore;
import io.howdah.schema.Migrator;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the figures say. */
class StatsTest extends HowdahTest {
  private final AtomicLong seenByTheApplication = new AtomicLong();
  private final AtomicLong connectionsSeen = new AtomicLong();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.metrics(
        new EngineMetrics() {
          @Override
          public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
            seenByTheApplication.addAndGet(calls);
          }

          @Override
          public void connected(int lane) {
            connectionsSeen.incrementAndGet();
          }
        });
  }

  private TableStats table(String name) {
    return howdah.stats().tables().stream()
        .filter(table -> table.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tableIsDescribed() {
    sql("SELECT $.namespace_create('rows', 'durable')");
    sql("SELECT $.kv_set('rows', 'k' || i, '1') FROM generate_series(1, 1000) AS i");
    sql("SELECT $.kv_set('rows', 'k' || i, '2') FROM generate_series(1, 100) AS i");
    // A backend reports what it did at the latest when it ends.
    Eventually.holds("Postgres has counted", () -> table("kv_durable").updates() >= 100);
    TableStats durable = table("kv_durable");
    assertThat(durable.rows()).isEqualTo(1000);
    assertThat(durable.bytes())
        .isEqualTo(Long.parseLong(sql("SELECT pg_total_relation_size('$.kv_durable')").get(0)))
        .isGreaterThan(durable.indexBytes());
    assertThat(durable.indexBytes()).isPositive();
    assertThat(durable.hotShare().orElseThrow()).isBetween(0.0, 1.0);
    assertThat(durable.hotUpdates()).isLessThanOrEqualTo(durable.updates());
    assertThat(durable.deadRows()).isGreaterThanOrEqualTo(100);
    assertThat(table("kv_document").hotShare()).isEmpty();
  }

  @Test
  void sweepingIsDescribed() {
    sql("SELECT $.kv_set('dead', 'k' || i, '1', '1 second') FROM generate_series(1, 300) AS i");
    age("dead", 60);
    while (!howdah.sweep().isDone()) {
      Thread.onSpinWait();
    }
    SweepStats sweep = table("kv_ephemeral").sweep().orElseThrow();
    assertThat(sweep.removedRows()).isEqualTo(300);
    assertThat(sweep.evictedRows()).isZero();
    assertThat(sweep.removedRowsPerSecond().orElseThrow()).isPositive();
    assertThat(sweep.backlog()).isBetween(Duration.ofSeconds(50), Duration.ofMinutes(2));
    assertThat(sweep.sinceLast().orElseThrow()).isLessThan(Duration.ofMinutes(1));
    assertThat(table("namespace").sweep()).isEmpty();

    sql(
        "UPDATE $.sweep_hand SET swept_at = swept_at - interval '2 hours' WHERE isfinite(swept_at)");
    assertThat(howdah.health().up()).isTrue();
    assertThat(howdah.health().degraded()).containsOnlyKeys(Health.Reason.NOT_SWEPT);
    sql("UPDATE $.sweep_hand SET swept_at = clock_timestamp()");
    assertThat(howdah.health().degraded()).isEmpty();
  }

  @Test
  void functionSaysWhatJavaSays() {
    assertThat(sql("SELECT DISTINCT subject FROM $.stats() ORDER BY 1"))
        .contains("kv_durable", "kv_ephemeral", "kv_document", "wipes", "notifications", "server");
    assertThat(howdah.stats().figures())
        .extracting(Figure::subject)
        .contains("kv_ephemeral", "wipes");
    assertThat(howdah.stats().wipes()).isZero();
    assertThat(howdah.stats().isStandby()).isFalse();
    assertThat(howdah.stats().notificationQueueUsage().orElseThrow()).isCloseTo(0, within(0.5));
  }

  @Test
  void holderOfTheOldestSnapshotIsNamed() throws SQLException {
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      List<String> unused = sql(holder, "SET application_name = 'nightly dump'");
      unused = sql(holder, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      String pid = sql(holder, "SELECT pg_backend_pid() FROM $.namespace_guard").get(0);
      try (Connection writer = connect()) {
        for (int i = 0; i < 50; i++) {
          unused = sql(writer, "SELECT $.kv_set('xids', 'k', '1')");
        }
      }
      // Others may hold an older one for a moment.
      Eventually.holds(
          "it is the oldest",
          () ->
              howdah
                  .stats()
                  .oldestSnapshot()
                  .filter(oldest -> oldest.pid().orElse(0) == Integer.parseInt(pid))
                  .isPresent());
      SnapshotHolder oldest = howdah.stats().oldestSnapshot().orElseThrow();
      assertThat(oldest.what()).contains("transaction", "nightly dump", "idle in transaction");
      assertThat(oldest.transactions()).isGreaterThanOrEqualTo(50);
      assertThat(oldest.age().orElseThrow()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
      assertThat(unused).isNotEmpty();
      holder.rollback();
    }
  }

  @Test
  void engineCountsWhatItDoes() {
    EngineStats before = howdah.stats().engine();
    KeyValueStore<Integer> store = howdah.kv("counted", Integer.class);
    Threads.run(
        40,
        thread -> {
          for (int i = 0; i < 50; i++) {
            store.set("k" + thread, i);
          }
          return true;
        });
    EngineStats after = howdah.stats().engine();
    assertThat(after.calls() - before.calls()).isGreaterThanOrEqualTo(2_000);
    assertThat(after.statements()).isGreaterThan(before.statements());
    assertThat(after.callsPerStatement().mean()).isGreaterThan(1);
    assertThat(after.callsPerStatement().quantile(1)).isGreaterThan(1);
    assertThat(after.callsPerStatement().sum()).isEqualTo(after.calls());
    assertThat(after.runMicros().quantile(0.5)).isPositive();
    assertThat(after.runMicros().quantile(0.99))
        .isGreaterThanOrEqualTo(after.runMicros().quantile(0.5));
    assertThat(after.queueWaitMicros().count()).isEqualTo(after.statements());
    assertThat(after.failures()).isEqualTo(before.failures());
    // One more may be opened meanwhile, for calls that are over.
    Eventually.holds(
        "the application's own metrics are told of the same connections",
        () -> howdah.stats().engine().connections() == connectionsSeen.get());
    assertThat(connectionsSeen.get()).isBetween(1L, 8L);
    // The application's own metrics are told the same.
    assertThat(seenByTheApplication.get()).isGreaterThanOrEqualTo(after.calls());
  }

  @Test
  void failuresAreCounted() {
    long before = howdah.stats().engine().failures();
    howdah.kv("failing", String.class).set("k", "text");
    assertThatThrownBy(() -> howdah.kv("failing", Long.class).increment("k"))
        .isInstanceOf(HowdahException.class);
    assertThat(howdah.stats().engine().failures()).isEqualTo(before + 1);
  }

  @Test
  void monitorSeesTheFiguresAndNoValues() {
    String role = schema + "_watcher";
    sql("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
    try {
      new Migrator(TestPostgres.dataSource(), schema).grant(role, "monitor");
      String url = TestPostgres.url().replaceAll("user=[^&]*", "user=" + role) + "&password=secret";
      try (Howdah watcher = Howdah.builder(url).schema(schema).schemaMode(SchemaMode.NONE).open()) {
        assertThat(watcher.stats().tables()).isNotEmpty();
        assertThat(watcher.health().up()).isTrue();
        // Its rights do not reach to repairing what a wipe leaves.
        Eventually.holds(
            "it has tried",
            () -> watcher.health().degraded().containsKey(Health.Reason.WIPE_WATCH));
        assertThatThrownBy(() -> watcher.kv("n", Integer.class).get("k"))
            .isInstanceOf(HowdahException.class);
      }
    } finally {
      sql("DROP OWNED BY " + role);
      sql("DROP ROLE " + role);
    }
  }

  @Test
  void healthIsGoodWhenAllIsWell() {
    Health health = howdah.health();
    assertThat(health.up()).isTrue();
    // Another test class may hold a snapshot, though none for an hour.
    assertThat(health.degraded()).isEmpty();
  }

  @Test
  void healthOfAServerThatIsNotThereSaysSo() {
    try (Howdah nobody =
        Howdah.builder("jdbc:postgresql://127.0.0.1:1/none?user=nobody&connectTimeout=1")
            .schemaMode(SchemaMode.NONE)
            .callTimeout(Duration.ofSeconds(2))
            .open()) {
      Health health = nobody.health();
      assertThat(health.up()).isFalse();
      assertThat(health.degraded()).containsKey(Health.Reason.UNREACHABLE);
    }
  }

  @Test
  void quantilesAreUpperEndsOfBuckets() {
    assertThat(new Distribution(0, List.of()).quantile(0.99)).isZero();
    assertThat(new Distribution(0, List.of()).mean()).isZero();
    // Three zeros, two ones, one of 2 or 3.
    Distribution some = new Distribution(5, List.of(3L, 2L, 1L));
    assertThat(some.count()).isEqualTo(6);
    assertThat(some.quantile(0.5)).isZero();
    assertThat(some.quantile(0.8)).isEqualTo(1);
    assertThat(some.quantile(1)).isEqualTo(3);
    assertThat(Distribution.bucketOf(0)).isZero();
    assertThat(Distribution.bucketOf(1)).isEqualTo(1);
    assertThat(Distribution.bucketOf(3)).isEqualTo(2);
    assertThat(Distribution.bucketOf(4)).isEqualTo(3);
  }
}
