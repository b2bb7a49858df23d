package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.engine.EngineMetrics;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who comes when a value has just been stored, and evicted at once, does not get it. */
@Timeout(60)
class CacheJoinTest extends HowdahTest {
  private final AtomicReference<Thread> late = new AtomicReference<>();
  private final AtomicReference<String> lateValue = new AtomicReference<>();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.metrics(
        new EngineMetrics() {
          @Override
          public void statement(String operation, int calls, long queuedNanos, long ranNanos) {
            if (operation.equals("cache_store") && late.get() == null) {
              stored();
            }
          }
        });
  }

  /** Before the one who computed has been told that its value is stored. */
  private void stored() {
    ComputedCache<String> cache = howdah.cache("c", String.class);
    assertThat(sql("SELECT $.cache_evict('c', 'k')")).containsExactly("t");
    Thread thread = new Thread(() -> lateValue.set(cache.get("k", () -> "new")), "late");
    late.set(thread);
    long waits = cache.stats().waits();
    thread.start();
    Eventually.holds(
        "it waits for a value, or has one",
        () -> cache.stats().waits() > waits || lateValue.get() != null);
  }

  @Test
  void whoComesAfterAnEvictionDoesNotJoinWhatWasStoredBefore() throws Exception {
    assertThat(howdah.cache("c", String.class).get("k", () -> "old")).isEqualTo("old");
    late.get().join();
    assertThat(lateValue).hasValue("new");
  }
}
