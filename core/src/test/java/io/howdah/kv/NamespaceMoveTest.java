package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A namespace moves between the levels, is emptied and dropped, while others read and write it: no
 * acknowledged write is lost, and no value that is there is missed.
 */
@Tag("full")
@Timeout(240)
class NamespaceMoveTest extends HowdahTest {
  /** Every step from one level to another one is in it. */
  private static final List<Durability> ROUND =
      List.of(
          Durability.RELAXED,
          Durability.DURABLE,
          Durability.EPHEMERAL,
          Durability.DURABLE,
          Durability.RELAXED,
          Durability.EPHEMERAL);

  private static final String TABLES =
      "(SELECT namespace, key, value FROM $.kv_ephemeral UNION ALL SELECT namespace, key, value FROM $.kv_durable"
          + " UNION ALL SELECT namespace, key, value FROM $.kv_document)";

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.callTimeout(Duration.ofSeconds(30));
  }

  /** Work that goes on until everything else is done; counts its turns. */
  private interface Work {
    void turn(Random random) throws Exception;
  }

  private static void repeat(AtomicBoolean done, int seed, Work work) throws Exception {
    Random random = new Random(seed);
    while (!done.get()) {
      work.turn(random);
    }
  }

  /** What a writer has written, and readers may rely on. */
  private static final class Ledger {
    final int keys;
    final AtomicLongArray acknowledged;

    Ledger(int keys) {
      this.keys = keys;
      this.acknowledged = new AtomicLongArray(keys);
    }

    static String key(int i) {
      return "k" + i;
    }

    /** A value that was read after {@code floor} was acknowledged. */
    void check(String how, int i, long floor, Optional<Long> read) {
      assertThat(read).as("%s: %s vanished, %s was acknowledged", how, key(i), floor).isPresent();
      assertThat(read.orElseThrow()).as("%s: %s", how, key(i)).isGreaterThanOrEqualTo(floor);
    }
  }

  private Optional<Long> sqlGet(Connection connection, String namespace, String key)
      throws SQLException {
    return Optional.ofNullable(sql(connection, "SELECT $.kv_get(?, ?)", namespace, key).get(0))
        .map(Long::valueOf);
  }

  /** Each key has one writer; writers of many kinds share the namespace. */
  @Test
  void movesUnderLoadLoseNothingAndHideNothing() {
    String name = "under-load";
    KeyValueStore<Long> store = howdah.kv(name, Long.class);
    int writers = 7;
    Ledger ledger = new Ledger(writers * 10);
    Map<String, Long> all = new HashMap<>();
    for (int i = 0; i < ledger.keys; i++) {
      all.put(Ledger.key(i), 0L);
    }
    store.setAll(all);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger moves = new AtomicInteger();
    AtomicInteger conflicts = new AtomicInteger();
    int threads = writers + 8;
    Threads.run(
        threads,
        thread -> {
          try {
            switch (thread) {
              case 0 -> move(name, moves);
              // Writers: of the keys thread - 1, thread - 1 + writers, ...
              case 1, 2, 3 ->
                  repeat(
                      done,
                      thread,
                      random -> {
                        int i = mine(random, thread, ledger, writers);
                        long next = ledger.acknowledged.get(i) + 1;
                        switch (random.nextInt(4)) {
                          case 0 -> store.set(Ledger.key(i), next);
                          case 1 ->
                              assertThat(store.increment(Ledger.key(i)))
                                  .as("increment of %s", Ledger.key(i))
                                  .isEqualTo(next);
                          case 2 ->
                              assertThat(store.replace(Ledger.key(i), next))
                                  .as("replace of %s", Ledger.key(i))
                                  .isPresent();
                          default -> {
                            Entry<Long> entry = store.getEntry(Ledger.key(i)).orElseThrow();
                            assertThat(store.compareAndSet(Ledger.key(i), entry.version(), next))
                                .as("compareAndSet of %s", Ledger.key(i))
                                .isPresent();
                          }
                        }
                        ledger.acknowledged.set(i, next);
                        ledger.check("own write", i, next, store.get(Ledger.key(i)));
                      });
              case 4 ->
                  repeat(
                      done,
                      thread,
                      random -> {
                        // Asynchronous, so that they ride in batches.
                        List<CompletionStage<Long>> stages = new ArrayList<>();
                        List<Integer> written = new ArrayList<>();
                        for (int i = thread - 1; i < ledger.keys; i += writers) {
                          long next = ledger.acknowledged.get(i) + 1;
                          stages.add(store.async().set(Ledger.key(i), next));
                          written.add(i);
                        }
                        for (int j = 0; j < stages.size(); j++) {
                          assertThat(stages.get(j).toCompletableFuture().join()).isPositive();
                          ledger.acknowledged.incrementAndGet(written.get(j));
                        }
                      });
              case 5 -> plainSqlWriter(name, ledger, thread, writers, done);
              case 6 -> transactionWriter(name, ledger, thread, writers, done);
              case 7 -> repeatableReadWriter(name, ledger, thread, writers, done, conflicts);
              // Readers.
              case 8, 9 ->
                  repeat(
                      done,
                      thread,
                      random -> {
                        int i = random.nextInt(ledger.keys);
                        long floor = ledger.acknowledged.get(i);
                        ledger.check("get", i, floor, store.get(Ledger.key(i)));
                      });
              case 10 ->
                  repeat(
                      done,
                      thread,
                      random -> {
                        long[] floors = floors(ledger);
                        Map<String, Long> read = store.getAll(all.keySet());
                        for (int i = 0; i < ledger.keys; i++) {
                          ledger.check(
                              "getAll", i, floors[i], Optional.ofNullable(read.get(Ledger.key(i))));
                        }
                        assertThat(store.scan("").count()).isEqualTo(ledger.keys);
                      });
              case 11 -> plainSqlReader(name, ledger, thread, done);
              case 12 -> {
                try (Connection connection = connect()) {
                  repeat(
                      done,
                      thread,
                      random -> {
                        int i = random.nextInt(ledger.keys);
                        long floor = ledger.acknowledged.get(i);
                        ledger.check("kv_get", i, floor, sqlGet(connection, name, Ledger.key(i)));
                      });
                }
              }
              default ->
                  repeat(
                      done,
                      thread,
                      random -> {
                        List<CompletionStage<Optional<Long>>> stages = new ArrayList<>();
                        long[] floors = floors(ledger);
                        for (int i = 0; i < ledger.keys; i++) {
                          stages.add(store.async().get(Ledger.key(i)));
                        }
                        for (int i = 0; i < ledger.keys; i++) {
                          ledger.check(
                              "async get",
                              i,
                              floors[i],
                              stages.get(i).toCompletableFuture().join());
                        }
                      });
            }
            return true;
          } catch (Throwable e) {
            done.set(true);
            throw e;
          } finally {
            if (thread == 0) {
              done.set(true);
            }
          }
        });
    assertThat(moves.get()).isGreaterThanOrEqualTo(ROUND.size());
    for (int i = 0; i < ledger.keys; i++) {
      assertThat(store.get(Ledger.key(i))).contains(ledger.acknowledged.get(i));
    }
    assertThat(sql("SELECT count(*) FROM " + TABLES + " AS t WHERE namespace = ?", name))
        .containsExactly(String.valueOf(ledger.keys));
    // They were at it all the time.
    for (int i = 0; i < writers; i++) {
      assertThat(ledger.acknowledged.get(i)).as("writer %s", i).isPositive();
    }
  }

  private static int mine(Random random, int thread, Ledger ledger, int writers) {
    return thread - 1 + writers * random.nextInt(ledger.keys / writers);
  }

  private static long[] floors(Ledger ledger) {
    long[] floors = new long[ledger.keys];
    for (int i = 0; i < floors.length; i++) {
      floors[i] = ledger.acknowledged.get(i);
    }
    return floors;
  }

  private void move(String name, AtomicInteger moves) throws SQLException {
    for (int round = 0; round < 3; round++) {
      for (Durability level : ROUND) {
        switch (moves.getAndIncrement() % 3) {
          case 0 -> howdah.namespaces().move(name, level);
          case 1 ->
              sql(
                  "SELECT $.namespace_move(?, ?)",
                  name,
                  level.name().toLowerCase(java.util.Locale.ROOT));
          default -> {
            try (Connection connection = connect()) {
              connection.setAutoCommit(false);
              // One that is undone, and then one that is not.
              howdah.on(connection).namespaces().move(name, level);
              connection.rollback();
              howdah.on(connection).namespaces().move(name, level);
              connection.commit();
            }
          }
        }
      }
    }
  }

  private void plainSqlWriter(
      String name, Ledger ledger, int thread, int writers, AtomicBoolean done) throws Exception {
    try (Connection connection = connect()) {
      repeat(
          done,
          thread,
          random -> {
            int i = mine(random, thread, ledger, writers);
            long next = ledger.acknowledged.get(i) + 1;
            List<String> written =
                switch (random.nextInt(3)) {
                  case 0 ->
                      sql(
                          connection,
                          "SELECT $.kv_set(?, ?, to_jsonb(?::bigint)) > 0",
                          name,
                          Ledger.key(i),
                          next);
                  case 1 ->
                      sql(connection, "SELECT $.kv_increment(?, ?) = ?", name, Ledger.key(i), next);
                  default ->
                      sql(
                          connection,
                          "SELECT $.kv_set_many(?, ARRAY[?], ARRAY[to_jsonb(?::bigint)]) = 1",
                          name,
                          Ledger.key(i),
                          next);
                };
            assertThat(written).as(Ledger.key(i)).containsExactly("t");
            ledger.acknowledged.set(i, next);
            ledger.check("own SQL write", i, next, sqlGet(connection, name, Ledger.key(i)));
          });
    }
  }

  /** Several writes in one transaction, some rolled back to a savepoint or as a whole. */
  private void transactionWriter(
      String name, Ledger ledger, int thread, int writers, AtomicBoolean done) throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      KeyValueStore<Long> joined = howdah.on(connection).kv(name, Long.class);
      repeat(
          done,
          thread,
          random -> {
            int i = mine(random, thread, ledger, writers);
            long next = ledger.acknowledged.get(i) + 1;
            List<String> unused = sql(connection, "SAVEPOINT before");
            joined.set(Ledger.key(i), -1L);
            assertThat(joined.get(Ledger.key(i))).contains(-1L);
            unused = sql(connection, "ROLLBACK TO SAVEPOINT before");
            assertThat(joined.get(Ledger.key(i))).contains(next - 1);
            joined.set(Ledger.key(i), next - 1);
            assertThat(joined.increment(Ledger.key(i))).isEqualTo(next);
            assertThat(joined.get(Ledger.key(i))).contains(next);
            assertThat(unused).isEmpty();
            if (random.nextInt(3) == 0) {
              connection.rollback();
              ledger.check("after a rollback", i, next - 1, joined.get(Ledger.key(i)));
              connection.rollback();
            } else {
              connection.commit();
              ledger.acknowledged.set(i, next);
            }
          });
      connection.rollback();
    }
  }

  /**
   * Its snapshot may be older than a move: then it is told, and writes nothing to the old place.
   */
  private void repeatableReadWriter(
      String name,
      Ledger ledger,
      int thread,
      int writers,
      AtomicBoolean done,
      AtomicInteger conflicts)
      throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      KeyValueStore<Long> joined = howdah.on(connection).kv(name, Long.class);
      repeat(
          done,
          thread,
          random -> {
            int i = mine(random, thread, ledger, writers);
            long next = ledger.acknowledged.get(i) + 1;
            try {
              ledger.check("snapshot", i, next - 1, joined.get(Ledger.key(i)));
              if (random.nextBoolean()) {
                LockSupport.parkNanos(1_000_000);
              }
              joined.set(Ledger.key(i), next);
              connection.commit();
              ledger.acknowledged.set(i, next);
            } catch (HowdahException e) {
              assertThat(e.code()).as("%s", e).isEqualTo(ErrorCode.CONFLICT);
              conflicts.incrementAndGet();
              connection.rollback();
            }
          });
      connection.rollback();
    }
  }

  private void plainSqlReader(String name, Ledger ledger, int thread, AtomicBoolean done)
      throws Exception {
    try (Connection connection = connect()) {
      repeat(
          done,
          thread,
          random -> {
            int i = random.nextInt(ledger.keys);
            long floor = ledger.acknowledged.get(i);
            ledger.check("kv_get", i, floor, sqlGet(connection, name, Ledger.key(i)));
            String all = String.valueOf(ledger.keys);
            assertThat(sql(connection, "SELECT $.kv_count(?)", name))
                .as("kv_count")
                .containsExactly(all);
            assertThat(sql(connection, "SELECT count(*) FROM $.kv_scan(?)", name))
                .as("kv_scan")
                .containsExactly(all);
            assertThat(sql(connection, "SELECT count(*) FROM $.kv WHERE namespace = ?", name))
                .as("the view")
                .containsExactly(all);
            assertThat(
                    sql(
                        connection,
                        "SELECT count(*) FROM $.kv_get_many(?, ARRAY(SELECT 'k' || g FROM generate_series(0, ?::int - 1) AS g))",
                        name,
                        ledger.keys))
                .as("kv_get_many")
                .containsExactly(all);
          });
    }
  }

  /**
   * What is written after a clear or a drop has returned stays until the next one begins; a move
   * between takes nothing.
   */
  @Test
  void movesClearsAndDropsTakeOnlyWhatTheyAreAskedTo() {
    String name = "cleared";
    KeyValueStore<Long> store = howdah.kv(name, Long.class);
    int writers = 6;
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    AtomicInteger undisturbed = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    Threads.run(
        writers + 3,
        thread -> {
          try {
            if (thread == 0) {
              for (int round = 0; round < 2; round++) {
                for (Durability level : ROUND) {
                  howdah.namespaces().move(name, level);
                }
              }
            } else if (thread == 1) {
              Random random = new Random(1);
              repeat(
                  done,
                  1,
                  unused -> {
                    begun.incrementAndGet();
                    if (random.nextInt(3) == 0) {
                      howdah.namespaces().drop(name);
                    } else {
                      howdah.namespaces().clear(name);
                    }
                    ended.incrementAndGet();
                    LockSupport.parkNanos(50_000_000);
                  });
            } else if (thread == 2) {
              repeat(
                  done,
                  2,
                  random -> {
                    // Never two rows of one key, wherever they are.
                    assertThat(
                            sql(
                                "SELECT key FROM "
                                    + TABLES
                                    + " AS t WHERE namespace = ? GROUP BY key HAVING count(*) > 1",
                                name))
                        .isEmpty();
                  });
            } else {
              repeat(
                  done,
                  thread,
                  random -> {
                    String key = "k" + thread + "-" + random.nextInt(20);
                    long value = random.nextLong();
                    int endedBefore = ended.get();
                    boolean quiet = begun.get() == endedBefore;
                    store.set(key, value);
                    Optional<Long> read = store.get(key);
                    if (quiet && begun.get() == endedBefore) {
                      assertThat(read).as(key).contains(value);
                      undisturbed.incrementAndGet();
                    }
                  });
            }
            return true;
          } catch (Throwable e) {
            done.set(true);
            throw e;
          } finally {
            if (thread == 0) {
              done.set(true);
            }
          }
        });
    assertThat(undisturbed.get()).isPositive();
    assertThat(ended.get()).isPositive();
    assertThat(howdah.namespaces().drop(name)).isTrue();
    assertThat(sql("SELECT key FROM " + TABLES + " AS t WHERE namespace = ?", name)).isEmpty();
  }

  @Test
  void searchableNamespaceStaysFoundWhileItMoves() {
    String name = "documents";
    howdah.namespaces().create(name, NamespaceSettings.of(Durability.DURABLE).asSearchable());
    KeyValueStore<Map<String, Integer>> store =
        howdah.kv(name, new io.howdah.TypeRef<Map<String, Integer>>() {});
    for (int i = 0; i < 20; i++) {
      store.set("k" + i, Map.of("kind", 1, "n", 0));
    }
    AtomicBoolean done = new AtomicBoolean();
    Threads.run(
        5,
        thread -> {
          try {
            if (thread == 0) {
              for (int round = 0; round < 2; round++) {
                for (Durability level : ROUND) {
                  howdah.namespaces().move(name, level);
                }
              }
            } else if (thread == 1) {
              repeat(
                  done,
                  1,
                  random ->
                      assertThat(sql("SELECT key FROM $.kv_find(?, '{\"kind\": 1}')", name))
                          .hasSize(20));
            } else {
              repeat(
                  done,
                  thread,
                  random ->
                      store.set(
                          "k" + random.nextInt(20), Map.of("kind", 1, "n", random.nextInt(100))));
            }
            return true;
          } finally {
            if (thread == 0) {
              done.set(true);
            }
          }
        });
    assertThat(sql("SELECT durability FROM $.namespace WHERE name = ?", name))
        .containsExactly("relaxed");
  }

  @Test
  void openTransactionDelaysAMoveAndNobodyElse() throws Exception {
    String name = "held";
    KeyValueStore<Long> store = howdah.kv(name, Long.class);
    store.set("other", 1L);
    ConcurrentLinkedQueue<Object> moved = new ConcurrentLinkedQueue<>();
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).kv(name, Long.class).set("mine", 1L);
      Thread mover =
          new Thread(() -> {
            try {
              moved.add(howdah.namespaces().move(name, Durability.DURABLE));
            } catch (RuntimeException e) {
              moved.add(e);
            }
          });
      mover.start();
      Eventually.holds(
          "the move waits",
          () ->
              sql(
                          "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%' || ? || '.namespace_move%' AND pid <> pg_backend_pid() AND state = 'active'",
                          schema)
                      .size()
                  > 0);
      for (long i = 0; i < 50; i++) {
        long began = System.nanoTime();
        store.set("other", i);
        assertThat(store.get("other")).contains(i);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      }
      assertThat(moved).isEmpty();
      howdah.on(holder).kv(name, Long.class).set("mine", 2L);
      holder.commit();
      mover.join(30_000);
    }
    assertThat(moved).containsExactly(2L);
    assertThat(store.get("mine")).contains(2L);
    assertThat(sql("SELECT count(*) FROM $.kv_durable WHERE namespace = ?", name))
        .containsExactly("2");
  }

  @Test
  void moveThatWaitsInVainSaysSoWithinItsTimeAndChangesNothing() throws SQLException {
    String name = "in-vain";
    KeyValueStore<Long> store = howdah.kv(name, Long.class);
    store.set("k", 1L);
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).kv(name, Long.class).set("k", 2L);
      long began = System.nanoTime();
      assertThatThrownBy(() -> howdah.namespaces().move(name, Durability.DURABLE))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LOCKED))
          .hasMessageContaining(name);
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isBetween(Duration.ofSeconds(9), Duration.ofSeconds(25));
      holder.commit();
    }
    assertThat(store.get("k")).contains(2L);
    assertThat(sql("SELECT 1 FROM $.namespace WHERE name = ?", name)).isEmpty();
    assertThat(howdah.namespaces().move(name, Durability.DURABLE)).isEqualTo(1);
  }

  @Test
  void registeringAgainWaitsForNobody() throws SQLException {
    String name = "again";
    NamespaceSettings settings = NamespaceSettings.of(Durability.DURABLE);
    howdah.namespaces().create(name, settings);
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      howdah.on(holder).kv(name, Long.class).set("k", 1L);
      assertThat(howdah.namespaces().create(name, settings)).isFalse();
      assertThat(howdah.namespaces().create(name, settings.withDefaultTtl(Duration.ofHours(1))))
          .isFalse();
      assertThat(howdah.namespaces().move(name, Durability.DURABLE)).isZero();
      holder.commit();
    }
    assertThat(sql("SELECT default_ttl FROM $.namespace WHERE name = ?", name))
        .containsExactly("01:00:00");
    assertThatThrownBy(() -> howdah.namespaces().create(name, Durability.RELAXED))
        .isInstanceOfSatisfying(
            HowdahException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.NAMESPACE_CONFLICT));
  }

  /**
   * While its namespace moves, a value is in one table or in another; who looks at both must look
   * at one moment. Only a volatile function sees several.
   */
  @Test
  void functionsThatReadSeeOneMoment() {
    assertThat(
            sql(
                "SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace(?) AND provolatile = 'v'"
                    + " AND proname ~ '^_?kv_.*(get|exists|ttl|scan|find|count|elsewhere)' AND proname <> '_kv_batch_ttls'",
                schema))
        .isEmpty();
    assertThat(
            sql(
                "SELECT DISTINCT provolatile FROM pg_proc WHERE pronamespace = to_regnamespace(?)"
                    + " AND proname IN ('kv_get', 'kv_get_bytes', 'kv_get_entry', 'kv_get_many', 'kv_batch_get', 'kv_scan', 'kv_count')",
                schema))
        .containsExactly("s");
  }
}
