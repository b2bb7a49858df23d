package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.kv.AsyncKeyValueStore;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/** What the engine promises about waiting, deadlines, strangers, and connections. */
@Timeout(120)
class EngineTest extends HowdahTest {
  private final Map<String, AtomicInteger> largestBatch = new ConcurrentHashMap<>();
  private final AtomicInteger quarantined = new AtomicInteger();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder
        .callTimeout(Duration.ofSeconds(3))
        .lockTimeout(Duration.ofMillis(50))
        .metrics(
            new EngineMetrics() {
              @Override
              public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
                largestBatch
                    .computeIfAbsent(operation, o -> new AtomicInteger())
                    .accumulateAndGet(calls, Math::max);
              }

              @Override
              public void quarantined(String operation, int calls) {
                quarantined.addAndGet(calls);
              }
            });
  }

  @Test
  void callsThatWaitShareOneStatement() {
    KeyValueStore<Integer> store = howdah.kv("batches", Integer.class);
    Threads.run(
        64,
        thread -> {
          for (int i = 0; i < 50; i++) {
            store.set("k" + thread, i);
            assertThat(store.get("k" + thread)).contains(i);
          }
          return true;
        });
    assertThat(largestBatch.get("kv_set").get()).isGreaterThan(4);
    assertThat(largestBatch.get("kv_get").get()).isGreaterThan(4);
  }

  @Test
  void callAtFaultFailsAloneAndItsNeighboursSucceed() {
    // Whatever Postgres itself refuses of a value is caught before: so a rule of the application's.
    sql(
        "CREATE FUNCTION $.refuse() RETURNS trigger LANGUAGE plpgsql AS $body$"
            + " BEGIN RAISE EXCEPTION 'value: not this one' USING ERRCODE = '22023'; END $body$");
    sql(
        "CREATE TRIGGER refuse BEFORE INSERT ON $.kv_ephemeral FOR EACH ROW"
            + " WHEN (NEW.namespace = 'faults' AND NEW.value = '-1') EXECUTE FUNCTION $.refuse()");
    KeyValueStore<String> raw = howdah.kv("faults", io.howdah.Codec.rawJson());
    List<CompletionStage<Long>> stages = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      stages.add(raw.async().set("k" + i, i % 50 == 7 ? "-1" : "1"));
    }
    for (int i = 0; i < 200; i++) {
      if (i % 50 == 7) {
        int failing = i;
        assertThatThrownBy(() -> stages.get(failing).toCompletableFuture().join())
            .cause()
            .isInstanceOfSatisfying(
                HowdahException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
      } else {
        assertThat(stages.get(i).toCompletableFuture().join()).isPositive();
      }
    }
    assertThat(raw.count("")).isEqualTo(196);
  }

  @Test
  void largeValuesReadTogetherComeInPieces() {
    KeyValueStore<byte[]> blobs = howdah.kv("big", byte[].class);
    byte[] megabyte = new byte[1 << 20];
    new java.util.Random(1).nextBytes(megabyte);
    for (int i = 0; i < 20; i++) {
      blobs.set("b" + i, megabyte);
    }
    Threads.run(
        40,
        thread -> {
          assertThat(blobs.get("b" + thread % 20).orElseThrow()).isEqualTo(megabyte);
          return true;
        });
    assertThat(
            blobs.getAll(java.util.stream.IntStream.range(0, 20).mapToObj(i -> "b" + i).toList()))
        .hasSize(20);
  }

  @Test
  void threadsThatHoldTheWholePoolDoNotStarveTheEngine() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(TestPostgres.url());
    config.setMaximumPoolSize(10);
    config.setConnectionTimeout(60_000);
    try (HikariDataSource pool = new HikariDataSource(config);
        Howdah pooled =
            Howdah.builder(pool)
                .schema(schema)
                .sweeper(false)
                .callTimeout(Duration.ofSeconds(3))
                .open()) {
      KeyValueStore<Integer> store = pooled.kv("starvation", Integer.class);
      Threads.run(
          200,
          thread -> {
            pooled.transaction(tx -> {
              tx.kv("starvation", Integer.class).set("joined-" + thread, thread);
              // Outside the transaction, while its connection is held.
              store.set("own-" + thread, thread);
              assertThat(store.get("own-" + thread)).contains(thread);
            });
            return true;
          });
      assertThat(store.count("")).isEqualTo(400);
    }
  }

  @Tag("full")
  @Test
  void lockedRowsDelayTheirOwnCallersOnly() throws Exception {
    lockedRowsDelayTheirOwnCallersOnly(howdah, schema, TestPostgres.dataSource(), 100);
  }

  @Test
  @Tag("full")
  @Timeout(400)
  void aThousandOpenTransactionsDelayTheirOwnCallersOnly() throws Exception {
    try (PrivatePostgres postgres = PrivatePostgres.create("max_connections = 1100");
        Howdah many =
            configure(Howdah.builder(postgres.url()))
                .sweeper(false)
                .callTimeout(Duration.ofSeconds(10))
                .open()) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      dataSource.setUrl(postgres.url());
      lockedRowsDelayTheirOwnCallersOnly(many, "howdah", dataSource, 1_000);
    }
  }

  /**
   * Each of many open transactions holds one key, while others set those keys and free ones. By
   * plain SQL, because a connection's first call of a function takes far longer.
   */
  private void lockedRowsDelayTheirOwnCallersOnly(
      Howdah engine, String itsSchema, DataSource other, int locked) throws Exception {
    KeyValueStore<Integer> store = engine.kv("locked", Integer.class);
    for (int i = 0; i < locked; i++) {
      store.set("locked-" + i, 0);
    }
    List<Connection> holders = new ArrayList<>();
    try {
      for (int i = 0; i < locked; i++) {
        Connection connection = other.getConnection();
        connection.setAutoCommit(false);
        holders.add(connection);
        try (PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE "
                    + itsSchema
                    + ".kv_ephemeral SET value = '1' WHERE namespace = 'locked' AND key = ?")) {
          statement.setString(1, "locked-" + i);
          assertThat(statement.executeUpdate()).isEqualTo(1);
        }
      }
      AtomicBoolean stop = new AtomicBoolean();
      AtomicReference<Throwable> failed = new AtomicReference<>();
      Thread strangers =
          new Thread(() -> {
            try {
              Threads.run(
                  32,
                  thread -> {
                    int i = 0;
                    do {
                      store.set("free-" + thread, ++i);
                    } while (!stop.get());
                    return true;
                  });
            } catch (Throwable e) {
              failed.set(e);
            }
          });
      strangers.start();
      List<ErrorCode> codes =
          Threads.run(
              locked,
              thread -> {
                try {
                  store.set("locked-" + thread, 2);
                  return ErrorCode.DATABASE;
                } catch (CallFailedException e) {
                  assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
                  return e.code();
                }
              });
      stop.set(true);
      strangers.join();
      assertThat(codes).containsOnly(ErrorCode.LOCKED);
      assertThat(failed.get()).isNull();
      assertThat(quarantined.get()).isPositive();
    } finally {
      for (Connection connection : holders) {
        connection.rollback();
        connection.close();
      }
    }
    for (int i = 0; i < locked; i++) {
      assertThat(store.get("locked-" + i)).contains(0);
    }
    store.set("locked-1", 3);
    assertThat(store.get("locked-1")).contains(3);
  }

  @Test
  void callGoesOnWhenTheRowIsFreeAgain() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("released", Integer.class);
    store.set("k", 0);
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).kv("released", Integer.class).set("k", 1);
      List<CompletionStage<Long>> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        waiting.add(store.async().increment("k", 1));
      }
      // A read does not wait for writers.
      assertThat(store.get("other")).isEmpty();
      assertThat(sql("SELECT value FROM $.kv WHERE namespace = 'released'")).containsExactly("0");
      holder.commit();
      long last = 0;
      for (CompletionStage<Long> stage : waiting) {
        long sum = stage.toCompletableFuture().join();
        assertThat(sum).isGreaterThan(last);
        last = sum;
      }
      assertThat(last).isEqualTo(21);
    }
  }

  @Test
  void hotKeyOfTwoProcessesDrains() {
    int calls = 3_000;
    sql("SELECT $.namespace_create('hot', 'durable')");
    try (Howdah other = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      List<Howdah> processes = List.of(howdah, other);
      Threads.run(
          2,
          thread -> {
            AsyncKeyValueStore<Integer> store =
                processes.get(thread).kv("hot", Integer.class).async();
            List<CompletionStage<Long>> stages = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
              stages.add(store.increment("k", 1));
            }
            long last = 0;
            for (CompletionStage<Long> stage : stages) {
              long sum = stage.toCompletableFuture().join();
              assertThat(sum).isGreaterThan(last);
              last = sum;
            }
            return true;
          });
    }
    assertThat(howdah.kv("hot", Integer.class).get("k")).contains(2 * calls);
  }

  @Test
  void asynchronousCallsThatWaitedForAnotherKindShareStatements() {
    AsyncKeyValueStore<Integer> store = howdah.kv("kinds", Integer.class).async();
    largestBatch.clear();
    List<CompletionStage<Long>> stages = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      stages.add(store.set("k", 0));
      for (int i = 1; i <= 30; i++) {
        stages.add(store.increment("k", 1));
      }
    }
    for (int i = 0; i < stages.size(); i++) {
      long answer = stages.get(i).toCompletableFuture().join();
      if (i % 31 > 0) {
        assertThat(answer).isEqualTo(i % 31);
      }
    }
    assertThat(largestBatch.get("kv_increment").get()).isGreaterThan(20);
  }

  @Test
  void insertOfAKeyThatAnotherTransactionInsertsWaitsForItAlone() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("inserts", Integer.class);
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).kv("inserts", Integer.class).set("k", 1);
      List<CompletionStage<Long>> strangers = new ArrayList<>();
      CompletionStage<java.util.OptionalLong> waiting = store.async().setIfAbsent("k", 2, null);
      for (int i = 0; i < 100; i++) {
        strangers.add(store.async().set("s" + i, i));
      }
      for (CompletionStage<Long> stranger : strangers) {
        assertThat(stranger.toCompletableFuture().join()).isPositive();
      }
      assertThat(waiting.toCompletableFuture()).isNotDone();
      holder.rollback();
      assertThat(waiting.toCompletableFuture().join()).isPresent();
    }
    assertThat(store.get("k")).contains(2);
  }

  @Test
  void slowStatementDoesNotHoldUpTheCallsBehindIt() {
    try (Howdah other =
        TestPostgres.builder()
            .schema(schema)
            .callTimeout(Duration.ofSeconds(3))
            .lockTimeout(Duration.ofSeconds(10))
            .open()) {
      KeyValueStore<Integer> store = other.kv("slow", Integer.class);
      store.set("k", 1);
      store.set("free", 1);
      other.transaction(tx -> {
        tx.kv("slow", Integer.class).set("k", 2);
        // Its lane waits for the row, for as long as the lock timeout.
        CompletionStage<Long> slow = store.async().set("k", 3);
        assertThat(store.async().get("free").toCompletableFuture().join()).contains(1);
        assertThat(store.get("free")).contains(1);
        assertThat(slow.toCompletableFuture()).isNotDone();
      });
    }
  }

  @Test
  void threadThatWaitsForItsOwnTransactionGetsAnErrorAtItsDeadline() {
    KeyValueStore<Integer> store = howdah.kv("own-lock", Integer.class);
    store.set("k", 1);
    howdah.transaction(tx -> {
      tx.kv("own-lock", Integer.class).set("k", 2);
      assertThatThrownBy(() -> store.set("k", 3))
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.LOCKED);
                assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED);
              });
    });
    assertThat(store.get("k")).contains(2);
  }

  @Test
  void interruptedCallerLeavesAndTheOthersStay() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("interrupts", Integer.class);
    store.set("k", 0);
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).kv("interrupts", Integer.class).set("k", 1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      CountDownLatch started = new CountDownLatch(1);
      Thread caller =
          new Thread(() -> {
            started.countDown();
            try {
              store.set("k", 2);
            } catch (CallFailedException e) {
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
              thrown.set(e);
            }
          });
      caller.start();
      started.await();
      while (caller.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      caller.interrupt();
      caller.join();
      assertThat(thrown.get())
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
      store.set("other", 1);
      holder.commit();
    }
  }

  /** Those of a Howdah of its own: a write of another test would find one that is lost. */
  @Test
  void lostConnectionsAreReplaced() {
    String name = schema + "_lost";
    try (Howdah losing =
        Howdah.builder(TestPostgres.url() + "&ApplicationName=" + name)
            .schema(schema)
            .sweeper(false)
            .open()) {
      KeyValueStore<Integer> store = losing.kv("lost", Integer.class);
      store.set("k", 1);
      for (int round = 0; round < 5; round++) {
        Threads.run(16, thread -> store.get("k").orElseThrow());
        List<String> killed =
            sql(
                "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name = ?",
                name);
        assertThat(killed).isNotEmpty();
        // Reads are made again by the engine.
        assertThat(Threads.run(16, thread -> store.get("k").orElseThrow())).containsOnly(1);
      }
    }
  }

  @Test
  void closedHowdahSaysSo() {
    Howdah other = TestPostgres.builder().schema(schema).open();
    KeyValueStore<Integer> store = other.kv("closed", Integer.class);
    store.set("k", 1);
    other.close();
    other.close();
    assertThatThrownBy(() -> store.get("k"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void databaseThatIsAwayIsATypedError() {
    assertThatThrownBy(() -> Howdah.open("jdbc:postgresql://127.0.0.1:1/none?user=x"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void closingLeavesNoConnectionAndNoThread() throws SQLException {
    String application = "howdah-leak-" + System.nanoTime();
    try (Howdah other =
        Howdah.builder(TestPostgres.url() + "&ApplicationName=" + application)
            .schema(schema)
            .open()) {
      KeyValueStore<Integer> store = other.kv("leak", Integer.class);
      Threads.run(32, thread -> store.increment("n"));
      other.transaction(tx -> tx.kv("leak", Integer.class).set("k", 1));
      long async = store.async().increment("n", 1).toCompletableFuture().join();
      assertThat(async).isEqualTo(33);
      assertThat(
              sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?", application)
                  .get(0))
          .isNotEqualTo("0");
    }
    String connections = "SELECT count(*) FROM pg_stat_activity WHERE application_name = ?";
    long giveUp = System.nanoTime() + 10_000_000_000L;
    while (!sql(connections, application).equals(List.of("0")) && System.nanoTime() < giveUp) {
      Thread.onSpinWait();
    }
    assertThat(sql(connections, application)).containsExactly("0");
  }

  @Test
  void mixedDurabilityLevelsDoNotShareAStatement() {
    Map<String, KeyValueStore<Integer>> stores = new TreeMap<>();
    for (Durability durability : Durability.values()) {
      String name = "mixed-" + durability;
      stores.put(name, howdah.kv(name, Integer.class));
      // Registered from outside, so that the engine's belief is wrong at first.
      sql("SELECT $.namespace_create(?, ?)", name, durability.sqlName());
    }
    List<CompletionStage<Long>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      for (KeyValueStore<Integer> store : stores.values()) {
        all.add(store.async().set("k" + i, i));
      }
    }
    all.forEach(stage -> assertThat(stage.toCompletableFuture().join()).isPositive());
    stores.values().forEach(store -> assertThat(store.count("")).isEqualTo(300));
  }
}
