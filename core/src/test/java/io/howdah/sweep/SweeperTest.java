package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sweeper of a process. */
@Timeout(120)
class SweeperTest extends HowdahTest {
  @Test
  void deadRowsGoByThemselves() {
    ConcurrentLinkedQueue<SweepReport> reports = new ConcurrentLinkedQueue<>();
    KeyValueStore<Integer> store = howdah.kv("self", Integer.class);
    for (int i = 0; i < 500; i++) {
      store.set("k" + i, i, Duration.ofMinutes(1));
    }
    age("self", 60);
    try (Howdah sweeping =
        TestPostgres.builder().schema(schema).sweepListener(reports::add).open()) {
      Eventually.holds("all are gone", () -> isGone("self"));
      Eventually.holds(
          "all are reported", () -> reports.stream().mapToLong(SweepReport::removed).sum() == 500);
      assertThat(sweeping.kv("self", Integer.class).count("")).isZero();
      assertThat(threads()).isEqualTo(1);
    }
    assertThat(threads()).isZero();
  }

  /** Two processes, of which one ends. */
  @Test
  void anotherSweeperTakesOver() {
    KeyValueStore<Integer> store = howdah.kv("over", Integer.class);
    try (Howdah second = open()) {
      try (Howdah first = open()) {
        assertThat(first.kv("over", Integer.class).get("k")).isEmpty();
      }
      store.set("k", 1, Duration.ofMinutes(1));
      age("over", 60);
      Eventually.holds("it is gone", () -> isGone("over"));
      assertThat(second.kv("over", Integer.class).get("k")).isEmpty();
    }
  }

  @Test
  void failureOfAListenerDoesNotEndIt() {
    try (Howdah sweeping =
        TestPostgres.builder()
            .schema(schema)
            .sweepListener(report -> {
              throw new IllegalStateException("a test");
            })
            .open()) {
      KeyValueStore<Integer> store = sweeping.kv("listener", Integer.class);
      for (int round = 0; round < 2; round++) {
        store.set("k", 1, Duration.ofMinutes(1));
        age("listener", 60);
        Eventually.holds("it is gone", () -> isGone("listener"));
      }
    }
  }

  private boolean isGone(String namespace) {
    return sql("SELECT 1 FROM $.kv_ephemeral WHERE namespace = ?", namespace).isEmpty();
  }

  private Howdah open() {
    return TestPostgres.builder().schema(schema).open();
  }

  private long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("howdah-" + schema + "-sweeper"))
        .count();
  }
}
