package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.kv.AsyncKeyValueStore;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A new end for each of 100,000 values, again and again, does not grow the table. How long each
 * order runs: {@code -Dhowdah.refresh.seconds=60}.
 */
@Tag("full")
@Timeout(600)
class RefreshTest extends HowdahTest {
  private static final int KEYS = 100_000;
  private static final int THREADS = 4;
  private static final int WINDOW = 64;

  @Test
  void refreshesStayHeapOnly() throws SQLException {
    KeyValueStore<String> store = howdah.kv("refreshed", String.class);
    for (int from = 0; from < KEYS; from += 1_000) {
      Map<String, String> values = new HashMap<>();
      for (int i = from; i < from + 1_000; i++) {
        values.put(key(i), "x".repeat(100));
      }
      store.setAll(values, Duration.ofMinutes(30));
    }
    vacuum();
    Updates random = run("random", seed -> new Random(seed)::nextInt);
    vacuum();
    Updates contiguous =
        run(
            "contiguous",
            seed -> {
              int[] next = {seed * KEYS / THREADS};
              return bound -> next[0]++ % bound;
            });
    assertThat(random.hotShare()).isGreaterThan(0.95);
    assertThat(random.growth()).isLessThan(1.5);
    assertThat(contiguous.count()).isPositive();
    assertThat(store.count("")).isEqualTo(KEYS);
  }

  private record Updates(long count, double hotShare, double growth) {}

  private interface Order {
    IntUnaryOperator keys(int seed);
  }

  private Updates run(String name, Order order) throws SQLException {
    long bytes = number("SELECT pg_relation_size('$.kv_ephemeral')");
    long updated = number(statistic("n_tup_upd"));
    long hot = number(statistic("n_tup_hot_upd"));
    long seconds = Long.getLong("howdah.refresh.seconds", 10);
    long calls = refresh(order, seconds);
    long updates = number(statistic("n_tup_upd")) - updated;
    Updates result =
        new Updates(
            updates,
            1.0 * (number(statistic("n_tup_hot_upd")) - hot) / updates,
            1.0 * number("SELECT pg_relation_size('$.kv_ephemeral')") / bytes);
    // A session tells of its last updates a little later.
    assertThat(updates).isBetween(calls * 98 / 100, calls * 102 / 100);
    System.out.printf(
        Locale.ROOT,
        "%s order: %d refreshes in %d s, %.1f %% HOT, table %.2f times its first size%n",
        name,
        result.count(),
        seconds,
        100 * result.hotShare(),
        result.growth());
    return result;
  }

  /**
   * How many calls were made. A connection tells the statistics what it did when it ends, and long
   * after the fact while it is idle: so these end.
   */
  private long refresh(Order order, long seconds) {
    try (Howdah refreshing =
        Howdah.builder(TestPostgres.url() + "&ApplicationName=" + schema)
            .schema(schema)
            .sweeper(false)
            .open()) {
      AsyncKeyValueStore<String> store = refreshing.kv("refreshed", String.class).async();
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      return Threads.run(
              THREADS,
              thread -> {
                IntUnaryOperator keys = order.keys(thread);
                long made = 0;
                while (System.nanoTime() - until < 0) {
                  CompletableFuture<?>[] window = new CompletableFuture<?>[WINDOW];
                  for (int i = 0; i < WINDOW; i++) {
                    window[i] =
                        store
                            .expire(key(keys.applyAsInt(KEYS)), Duration.ofMinutes(30))
                            .toCompletableFuture();
                  }
                  CompletableFuture.allOf(window).join();
                  made += WINDOW;
                }
                return made;
              })
          .stream()
          .mapToLong(Long::longValue)
          .sum();
    } finally {
      Eventually.holds(
          "the connections have ended",
          () -> sql("SELECT 1 FROM pg_stat_activity WHERE application_name = ?", schema).isEmpty());
    }
  }

  private String statistic(String column) {
    return "SELECT "
        + column
        + " FROM pg_stat_user_tables WHERE relid = '$.kv_ephemeral'::regclass";
  }

  private void vacuum() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM ANALYZE " + schema + ".kv_ephemeral");
    }
  }

  private long number(String sql) {
    return Long.parseLong(sql(sql).get(0));
  }

  private static String key(int i) {
    return String.format(Locale.ROOT, "key-%06d", i);
  }
}
