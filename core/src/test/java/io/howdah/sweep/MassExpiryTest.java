package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.engine.EngineMetrics;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 300,000 values that end at the same moment, while reads go on. {@code bench expiry} measures a
 * million.
 */
@Tag("full")
@Timeout(600)
class MassExpiryTest extends HowdahTest {
  private static final int DEAD = 300_000;
  private static final int ALIVE = 10_000;
  private static final int READERS = 8;

  @Test
  void manyDeadRowsGoWhileReadsGoOn() throws InterruptedException {
    insert("dead", DEAD, "now() - interval '1 s'");
    insert("alive", ALIVE, "now() + interval '1 day'");
    ConcurrentLinkedQueue<Double> sweeps = new ConcurrentLinkedQueue<>();
    EngineMetrics timing =
        new EngineMetrics() {
          @Override
          public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
            if (operation.equals("sweep_due")) {
              sweeps.add(ranNanos / 1e6);
            }
          }
        };
    AtomicBoolean over = new AtomicBoolean();
    List<Double> reads = new ArrayList<>();
    Thread readers =
        new Thread(() ->
            Threads.run(
                    READERS,
                    thread -> {
                      KeyValueStore<String> store = howdah.kv("alive", String.class);
                      Random random = new Random(thread);
                      List<Double> took = new ArrayList<>();
                      while (!over.get()) {
                        long began = System.nanoTime();
                        assertThat(store.get("k" + (1 + random.nextInt(ALIVE)))).isPresent();
                        took.add((System.nanoTime() - began) / 1e6);
                      }
                      return took;
                    })
                .forEach(reads::addAll));
    readers.start();
    long began = System.nanoTime();
    try (Howdah sweeping = TestPostgres.builder().schema(schema).metrics(timing).open()) {
      while (removed() < DEAD) {
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.MINUTES.toNanos(5));
        LockSupport.parkNanos(50_000_000);
      }
      assertThat(sweeping.sweep().warning()).isEmpty();
    } finally {
      over.set(true);
      readers.join();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d rows in %.1f s: %.0f rows/s. Sweeping statements: %s. Reads: %s%n",
        DEAD,
        seconds,
        DEAD / seconds,
        percentiles(sweeps),
        percentiles(reads));
    assertThat(sql("SELECT count(*) FROM $.kv_ephemeral")).containsExactly("" + ALIVE);
    // On a machine of its own all are below 100 ms; a loaded one may stop many of them for longer.
    assertThat(percentile(sweeps, 0.5)).isLessThan(100);
    assertThat(sweeps.size()).as("in many batches").isGreaterThan(30);
  }

  private void insert(String namespace, int rows, String end) {
    List<String> none =
        sql(
            "INSERT INTO $.kv_ephemeral (namespace, key, value, version, expires_at, created_at, updated_at) SELECT '"
                + namespace
                + "', 'k' || i, to_jsonb(repeat('x', 100)), 1, "
                + end
                + ", now(), now() FROM generate_series(1, "
                + rows
                + ") AS i");
    assertThat(none).isEmpty();
  }

  private long removed() {
    return Long.parseLong(
        sql("SELECT removed FROM $.sweep_hand WHERE table_name = 'kv_ephemeral'").get(0));
  }

  private static String percentiles(Iterable<Double> millis) {
    return String.format(
        Locale.ROOT,
        "p50 %.1f, p99 %.1f, max %.1f ms",
        percentile(millis, 0.5),
        percentile(millis, 0.99),
        percentile(millis, 1));
  }

  private static double percentile(Iterable<Double> millis, double share) {
    List<Double> sorted = new ArrayList<>();
    millis.forEach(sorted::add);
    Collections.sort(sorted);
    return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }
}
