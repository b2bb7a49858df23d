package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.PrivatePostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each level promises, held against crashes; the table is in docs/durability.md. */
@Tag("full")
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DurabilityTest {
  /** The ways to end a server without asking it. */
  enum Crash {
    ONE_BACKEND_KILLED {
      @Override
      void on(PrivatePostgres postgres) {
        try (Connection victim = postgres.connect()) {
          postgres.killBackend(
              Integer.parseInt(PrivatePostgres.sql(victim, "SELECT pg_backend_pid()").get(0)));
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
    },
    POSTMASTER_KILLED {
      @Override
      void on(PrivatePostgres postgres) {
        postgres.killPostmaster();
        postgres.start();
      }
    },
    ALL_KILLED {
      @Override
      void on(PrivatePostgres postgres) {
        postgres.kill();
        postgres.start();
      }
    },
    STOPPED_AT_ONCE {
      @Override
      void on(PrivatePostgres postgres) {
        postgres.stopImmediately();
        postgres.start();
      }
    };

    abstract void on(PrivatePostgres postgres);
  }

  /** A write that was acknowledged, by its number and when that was. */
  private record Acknowledged(int number, long nanos) {}

  private PrivatePostgres postgres;
  private Howdah howdah;

  @BeforeAll
  void start() {
    postgres = PrivatePostgres.create();
  }

  @AfterAll
  void stop() {
    postgres.close();
  }

  @BeforeEach
  void open() {
    howdah = open(8);
  }

  @AfterEach
  void close() {
    howdah.close();
  }

  private Howdah open(int lanes) {
    return Howdah.builder(postgres.url()).lanes(lanes).callTimeout(Duration.ofSeconds(20)).open();
  }

  /** The first statements after a crash may meet connections that it has cut. */
  private static <T> T atLast(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (HowdahException e) {
        assertThat(e).hasMessageContaining("connect");
      }
    }
  }

  private KeyValueStore<Integer> store(Durability durability, String name) {
    howdah.namespaces().create(name, durability);
    return howdah.kv(name, Integer.class);
  }

  /** So that what is safe, is so because a commit waited for it. */
  private void flushOnlyWhenAsked() {
    postgres.configure("wal_writer_delay = '10s'");
    postgres.configure("wal_writer_flush_after = '1GB'");
    postgres.restart();
  }

  private void flushAsUsual() {
    postgres.configure("wal_writer_delay = '200ms'");
    postgres.configure("wal_writer_flush_after = '1MB'");
    postgres.restart();
  }

  @ParameterizedTest
  @EnumSource(Crash.class)
  void crashTakesTheEphemeralValuesAndNoOthers(Crash crash) {
    KeyValueStore<Integer> unregistered = howdah.kv("crash-unregistered-" + crash, Integer.class);
    KeyValueStore<Integer> ephemeral = store(Durability.EPHEMERAL, "crash-ephemeral-" + crash);
    KeyValueStore<Integer> relaxed = store(Durability.RELAXED, "crash-relaxed-" + crash);
    KeyValueStore<Integer> durable = store(Durability.DURABLE, "crash-durable-" + crash);
    for (KeyValueStore<Integer> store : List.of(unregistered, ephemeral, relaxed, durable)) {
      store.set("k", 1);
    }
    // Whatever is older than that is on disk.
    postgres.sql("CHECKPOINT");
    crash.on(postgres);
    assertThat(atLast(() -> durable.get("k"))).contains(1);
    assertThat(atLast(() -> relaxed.get("k"))).contains(1);
    assertThat(atLast(() -> ephemeral.get("k"))).isEmpty();
    assertThat(atLast(() -> unregistered.get("k"))).isEmpty();
    // They are still what they were registered as.
    assertThat(atLast(() -> ephemeral.set("k", 2))).isPositive();
    assertThat(postgres.sql("SELECT count(*) FROM howdah.kv_ephemeral_live")).containsExactly("1");
  }

  @Test
  void cleanRestartTakesNothing() {
    for (Durability durability : Durability.values()) {
      store(durability, "restart-" + durability).set("k", 1);
    }
    howdah.kv("restart", Integer.class).set("k", 1);
    postgres.restart();
    for (Durability durability : Durability.values()) {
      KeyValueStore<Integer> store = howdah.kv("restart-" + durability, Integer.class);
      assertThat(atLast(() -> store.get("k"))).contains(1);
    }
    assertThat(atLast(() -> howdah.kv("restart", Integer.class).get("k"))).contains(1);
  }

  /** Writes until the server is gone; what was acknowledged, by thread. */
  private List<List<Acknowledged>> writeUntil(
      KeyValueStore<Integer> store, int threads, Runnable crash) throws InterruptedException {
    List<List<Acknowledged>> acknowledged = new ArrayList<>();
    List<Thread> writers = new ArrayList<>();
    CountDownLatch underWay = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      int thread = i;
      List<Acknowledged> mine = new ArrayList<>();
      acknowledged.add(mine);
      Thread writer =
          new Thread(() -> {
            try {
              for (int number = 0; ; number++) {
                store.set("t" + thread + "-" + number, number);
                mine.add(new Acknowledged(number, System.nanoTime()));
                if (number == 100) {
                  underWay.countDown();
                }
              }
            } catch (HowdahException e) {
              // The server has gone: this write has an unknown outcome, and is not counted.
              underWay.countDown();
            }
          });
      writers.add(writer);
      writer.start();
    }
    assertThat(underWay.await(120, TimeUnit.SECONDS)).isTrue();
    crash.run();
    for (Thread writer : writers) {
      writer.join(60_000);
      assertThat(writer.isAlive()).isFalse();
    }
    return acknowledged;
  }

  @ParameterizedTest
  @EnumSource(Crash.class)
  void durableWriteThatWasAcknowledgedIsNeverLost(Crash crash) throws Exception {
    KeyValueStore<Integer> store = store(Durability.DURABLE, "load-durable-" + crash);
    List<List<Acknowledged>> acknowledged = writeUntil(store, 24, () -> crash.on(postgres));
    for (int thread = 0; thread < acknowledged.size(); thread++) {
      assertThat(acknowledged.get(thread).size()).isGreaterThan(100);
      for (Acknowledged write : acknowledged.get(thread)) {
        String key = "t" + thread + "-" + write.number();
        assertThat(atLast(() -> store.get(key))).as(key).contains(write.number());
      }
    }
  }

  @Test
  void relaxedWritesThatAreLostAreTheLast() throws Exception {
    KeyValueStore<Integer> store = store(Durability.RELAXED, "load-relaxed");
    long[] killedAt = new long[1];
    List<List<Acknowledged>> acknowledged =
        writeUntil(
            store,
            24,
            () -> {
              killedAt[0] = System.nanoTime();
              postgres.kill();
            });
    postgres.start();
    for (int thread = 0; thread < acknowledged.size(); thread++) {
      boolean lost = false;
      for (Acknowledged write : acknowledged.get(thread)) {
        String key = "t" + thread + "-" + write.number();
        boolean there = atLast(() -> store.get(key)).isPresent();
        // Never one that is older than another one that is there.
        assertThat(lost && there).as(key).isFalse();
        lost |= !there;
        if (!there) {
          // wal_writer_delay is 200 ms, and it may take three of them; the machine may be busy.
          assertThat(Duration.ofNanos(killedAt[0] - write.nanos()))
              .as(key)
              .isLessThan(Duration.ofMillis(1_500));
        }
      }
    }
  }

  /** Of the log of changes: how much is written, and how much of that is safe. */
  private boolean allIsFlushed() {
    return postgres
        .sql("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()")
        .equals(List.of("t"));
  }

  @Test
  void relaxedWriteDoesNotWeakenADurableOneOnTheSameConnection() {
    flushOnlyWhenAsked();
    try (Howdah one = open(1)) {
      one.namespaces().create("beside-relaxed", Durability.RELAXED);
      one.namespaces().create("beside-durable", Durability.DURABLE);
      KeyValueStore<Integer> relaxed = one.kv("beside-relaxed", Integer.class);
      KeyValueStore<Integer> durable = one.kv("beside-durable", Integer.class);
      boolean relaxedDidNotWait = false;
      for (int i = 0; i < 20; i++) {
        relaxed.set("k" + i, i);
        relaxedDidNotWait |= !allIsFlushed();
        // Batches too.
        relaxed.setAll(Map.of("a", i, "b", i));
        durable.setAll(Map.of("a", i, "b", i));
        relaxed.increment("n");
        durable.set("k" + i, i);
      }
      // Otherwise this test would prove nothing.
      assertThat(relaxedDidNotWait).isTrue();
      relaxed.set("last", 1);
      durable.set("last", 1);
      Crash.ALL_KILLED.on(postgres);
      for (int i = 0; i < 20; i++) {
        String key = "k" + i;
        int value = i;
        assertThat(atLast(() -> durable.get(key))).contains(value);
      }
      assertThat(atLast(() -> durable.get("a"))).contains(19);
      assertThat(atLast(() -> durable.get("last"))).contains(1);
      // A flush takes with it all that was written before.
      assertThat(atLast(() -> relaxed.get("last"))).contains(1);
    } finally {
      flushAsUsual();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void joinedCallKeepsTheCallersSetting(Durability durability) throws SQLException {
    String name = "joined-" + durability;
    howdah.namespaces().create(name, durability);
    for (String setting : List.of("on", "off", "local")) {
      try (Connection connection = postgres.connect()) {
        connection.setAutoCommit(false);
        PrivatePostgres.sql(connection, "SET LOCAL synchronous_commit = " + setting);
        KeyValueStore<Integer> store = howdah.on(connection).kv(name, Integer.class);
        store.set("k", 1);
        store.setAll(Map.of("a", 1, "b", 2));
        store.increment("n");
        assertThat(store.delete("a")).isTrue();
        PrivatePostgres.sql(connection, "SELECT howdah.kv_set(?, 'k', '2')", name);
        PrivatePostgres.sql(
            connection, "SELECT howdah.kv_set_many(?, '{a,b}', '{1,2}'::jsonb[])", name);
        assertThat(PrivatePostgres.sql(connection, "SHOW synchronous_commit"))
            .containsExactly(setting);
        connection.commit();
      }
    }
  }

  @Test
  void plainSqlIsNotRelaxedByItself() {
    howdah.namespaces().create("plain", Durability.RELAXED);
    flushOnlyWhenAsked();
    try {
      for (int i = 0; i < 5; i++) {
        postgres.sql("SELECT howdah.kv_set('plain', 'k' || ?, '1')", i);
      }
      Crash.ALL_KILLED.on(postgres);
      assertThat(postgres.sql("SELECT howdah.kv_count('plain')")).containsExactly("5");
    } finally {
      flushAsUsual();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Durability.class,
      names = {"EPHEMERAL", "RELAXED"})
  void whatAMoveMadeDurableIsNotLost(Durability from) throws Exception {
    String name = "moved-" + from;
    flushOnlyWhenAsked();
    try {
      assertThat(atLast(() -> howdah.namespaces().create(name, from))).isTrue();
      KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
      List<List<Acknowledged>> acknowledged =
          writeUntil(
              store,
              12,
              () -> {
                // Under way are writes that are acknowledged before, during and after the move.
                howdah.namespaces().move(name, Durability.DURABLE);
                postgres.kill();
              });
      postgres.start();
      for (int thread = 0; thread < acknowledged.size(); thread++) {
        for (Acknowledged write : acknowledged.get(thread)) {
          String key = "t" + thread + "-" + write.number();
          assertThat(atLast(() -> store.get(key))).as(key).contains(write.number());
        }
      }
    } finally {
      flushAsUsual();
    }
  }

  @Test
  void whatAMoveMadeEphemeralIsGoneAndLeavesNothingBehind() {
    KeyValueStore<Integer> store = store(Durability.DURABLE, "given-up");
    store.set("k", 1);
    howdah.namespaces().move("given-up", Durability.EPHEMERAL);
    assertThat(store.get("k")).contains(1);
    Crash.ALL_KILLED.on(postgres);
    assertThat(atLast(() -> store.get("k"))).isEmpty();
    assertThat(postgres.sql("SELECT key FROM howdah.kv_durable WHERE namespace = 'given-up'"))
        .isEmpty();
    assertThat(atLast(() -> howdah.namespaces().move("given-up", Durability.DURABLE))).isZero();
  }
}
