package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds however many processes read, compute, change and evict at once. */
@Timeout(180)
class CacheConcurrencyTest extends HowdahTest {
  private static final int ROWS = 8;

  @BeforeEach
  void data() {
    assertThat(sql("CREATE TABLE IF NOT EXISTS $.data (id int PRIMARY KEY, n bigint NOT NULL)"))
        .isEmpty();
    assertThat(
            sql(
                "INSERT INTO $.data SELECT i, 0 FROM generate_series(0, ?) AS i ON CONFLICT DO NOTHING",
                ROWS - 1))
        .isEmpty();
  }

  private long read(Connection connection, int row) throws SQLException {
    return Long.parseLong(sql(connection, "SELECT n FROM $.data WHERE id = ?", row).get(0));
  }

  /**
   * The promise: after a change has committed nobody reads what was computed before it. Writers
   * count rows up and evict in the same transaction, by key or by tag or all, and roll some back;
   * readers of two processes, and the sweeper, run beside them.
   */
  @Test
  void nobodyReadsWhatIsOlderThanACommittedChange() throws SQLException {
    AtomicLongArray committed = new AtomicLongArray(ROWS);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger writersLeft = new AtomicInteger(4);
    AtomicInteger reads = new AtomicInteger();
    try (Howdah second = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      List<Boolean> all =
          Threads.run(
              13,
              thread -> {
                Random random = new Random(thread);
                if (thread == 12) {
                  while (!done.get()) {
                    howdah.sweep();
                  }
                } else if (thread < 4) {
                  try {
                    write(thread, random, committed);
                  } finally {
                    if (writersLeft.decrementAndGet() == 0) {
                      done.set(true);
                    }
                  }
                } else {
                  ComputedCache<Long> cache =
                      (thread % 2 == 0 ? howdah : second)
                          .cache("data", Long.class, settings(thread));
                  try (Connection connection = connect()) {
                    while (!done.get()) {
                      int row = random.nextInt(ROWS);
                      long least = committed.get(row);
                      long found =
                          cache
                              .tagged("row:" + row, "any")
                              .get("k" + row, () -> read(connection, row));
                      assertThat(found).as("row %s", row).isGreaterThanOrEqualTo(least);
                      reads.incrementAndGet();
                    }
                  }
                }
                return true;
              });
      assertThat(all).hasSize(13);
    }
    ComputedCache<Long> cache = howdah.cache("data", Long.class);
    try (Connection connection = connect()) {
      for (int row = 0; row < ROWS; row++) {
        int id = row;
        assertThat(cache.get("k" + row, () -> read(connection, id)))
            .isEqualTo(read(connection, row));
      }
    }
    assertThat(reads.get()).isGreaterThan(200);
    assertThat(cache.stats().hits()).as("it is of use").isPositive();
  }

  /** Some take each other's loads over all the time. */
  private static CacheSettings settings(int thread) {
    return CacheSettings.defaults()
        .withLease(Duration.ofMillis(thread % 3 == 0 ? 30 : 10_000))
        .withMaxWait(Duration.ofSeconds(20));
  }

  private void write(int thread, Random random, AtomicLongArray committed) throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      for (int round = 0; round < 400; round++) {
        // Each row has one writer, so that it knows which number is next.
        int row = thread + 4 * random.nextInt(ROWS / 4);
        ComputedCache<Long> inside = howdah.on(connection).cache("data", Long.class);
        boolean before = random.nextBoolean();
        if (before) {
          evict(inside, random, row);
        }
        long now =
            Long.parseLong(
                sql(connection, "UPDATE $.data SET n = n + 1 WHERE id = ? RETURNING n", row)
                    .get(0));
        if (!before) {
          evict(inside, random, row);
        }
        if (random.nextInt(4) == 0) {
          connection.rollback();
        } else {
          connection.commit();
          committed.set(row, now);
        }
      }
    }
  }

  private static void evict(ComputedCache<Long> inside, Random random, int row) {
    switch (random.nextInt(8)) {
      case 0 -> inside.clear();
      case 1 -> inside.evictTag("any");
      case 2, 3, 4 -> inside.evictTag("row:" + row);
      default -> assertThat(inside.evict("k" + row)).isIn(true, false);
    }
  }

  @Test
  void stampedeInTwoProcessesRunsTheLoaderOnce() {
    AtomicInteger computed = new AtomicInteger();
    try (Howdah second = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      for (int round = 0; round < 20; round++) {
        String key = "cold" + round;
        computed.set(0);
        List<String> values =
            Threads.run(
                100,
                thread ->
                    (thread % 2 == 0 ? howdah : second)
                        .cache("stampede", String.class)
                        .get(
                            key,
                            () -> {
                              computed.incrementAndGet();
                              assertThat(sql("SELECT pg_sleep(0.02)")).hasSize(1);
                              return key;
                            }));
        assertThat(values).hasSize(100).containsOnly(key);
        assertThat(computed).hasValue(1);
      }
    }
  }

  /** All writes, in any order of keys, by calls of one key and of many. */
  @Test
  void writersOfTheSameKeysDoNotDeadlock() {
    List<Integer> rounds =
        Threads.run(
            12,
            thread -> {
              Random random = new Random(thread);
              ComputedCache<Integer> cache =
                  howdah.cache(
                      "busy",
                      Integer.class,
                      CacheSettings.defaults()
                          .withTtl(Duration.ofMillis(1))
                          .withLease(Duration.ofMillis(30))
                          .withMaxWait(Duration.ofMillis(100)));
              for (int round = 0; round < 60; round++) {
                List<String> keys = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                  keys.add("k" + random.nextInt(12));
                }
                switch (random.nextInt(4)) {
                  case 0 -> cache.put(keys.get(0), round);
                  case 1 -> cache.evictAll(keys);
                  case 2 -> assertThat(cache.get(keys.get(0), () -> thread)).isNotNull();
                  default ->
                      assertThat(
                              cache.getAll(
                                  keys,
                                  missing -> {
                                    Map<String, Integer> values = new HashMap<>();
                                    missing.forEach(key -> values.put(key, thread));
                                    return values;
                                  }))
                          .isNotEmpty();
                }
              }
              return thread;
            });
    assertThat(rounds).hasSize(12);
  }
}
