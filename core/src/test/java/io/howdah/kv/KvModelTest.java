package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.engine.EngineMetrics;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs of asynchronous and blocking calls, on a few keys of each thread's own, against a
 * model in memory. Nothing is awaited on the way, so calls queue, share statements, are merged and
 * split; yet each has the result that the program's order says. This holds batches and singles to
 * the same rules.
 */
class KvModelTest extends HowdahTest {
  private static final int THREADS = 16;
  private static final int CALLS = 400;
  private static final int KEYS = 5;

  private final AtomicLong statements = new AtomicLong();
  private final AtomicLong calls = new AtomicLong();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder
        .lanes(3)
        .callTimeout(Duration.ofSeconds(60))
        .metrics(
            new EngineMetrics() {
              @Override
              public void statement(String operation, int served, long queuedNanos, long ranNanos) {
                statements.incrementAndGet();
                calls.addAndGet(served);
              }
            });
  }

  /** What a key holds: a number, and whether it has an end. */
  private record Held(long value, boolean ends) {}

  private record Check(String call, CompletableFuture<?> answer, Object expected) {}

  @ParameterizedTest
  @EnumSource(Durability.class)
  void callsOfOneThreadOnOneKeyTakeEffectInTheirOrder(Durability durability) {
    String namespace = "model-" + durability;
    howdah.namespaces().create(namespace, durability);
    long seed = System.nanoTime();
    Threads.run(
        THREADS,
        thread -> {
          run(
              new Random(seed + thread),
              howdah.kv(namespace, Long.class),
              "t" + thread + "-",
              "seed " + seed);
          return true;
        });
    assertThat(calls.get()).as("calls share statements").isGreaterThan(statements.get() * 5 / 4);
  }

  private static void run(Random random, KeyValueStore<Long> blocking, String prefix, String seed)
      throws Exception {
    AsyncKeyValueStore<Long> store = blocking.async();
    Map<String, Held> model = new HashMap<>();
    List<Check> checks = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      String key = prefix + random.nextInt(KEYS);
      Optional<Held> held = Optional.ofNullable(model.get(key));
      Optional<Long> value = held.map(Held::value);
      long fresh = random.nextInt(1_000);
      Duration ttl = random.nextBoolean() ? Duration.ofMinutes(5) : null;
      Held written = new Held(fresh, ttl != null);
      switch (random.nextInt(14)) {
        case 0, 1 -> {
          checks.add(
              check(
                  "set " + key,
                  store.set(key, fresh, ttl).thenApply(version -> version > 0),
                  true));
          model.put(key, written);
        }
        case 2, 3 -> checks.add(check("get " + key, store.get(key), value));
        case 4 -> {
          checks.add(
              check(
                  "setIfAbsent " + key,
                  store.setIfAbsent(key, fresh, ttl).thenApply(OptionalLong::isPresent),
                  held.isEmpty()));
          model.putIfAbsent(key, written);
        }
        case 5 -> {
          checks.add(
              check(
                  "replace " + key,
                  store.replace(key, fresh, ttl).thenApply(OptionalLong::isPresent),
                  held.isPresent()));
          model.computeIfPresent(key, (k, old) -> written);
        }
        case 6 -> {
          checks.add(check("delete " + key, store.delete(key), held.isPresent()));
          model.remove(key);
        }
        case 7, 8 -> {
          long delta = random.nextInt(21) - 10L;
          long sum = value.orElse(0L) + delta;
          checks.add(check("increment " + key, store.increment(key, delta), sum));
          model.put(key, new Held(sum, held.map(Held::ends).orElse(false)));
        }
        case 9 -> {
          checks.add(
              check("expire " + key, store.expire(key, Duration.ofMinutes(5)), held.isPresent()));
          model.computeIfPresent(key, (k, old) -> new Held(old.value(), true));
        }
        case 10 -> {
          checks.add(
              check("persist " + key, store.persist(key), held.map(Held::ends).orElse(false)));
          model.computeIfPresent(key, (k, old) -> new Held(old.value(), false));
        }
        case 11 -> {
          checks.add(check("getAndSet " + key, store.getAndSet(key, fresh, ttl), value));
          model.put(key, written);
        }
        case 12 -> {
          checks.add(check("take " + key, store.take(key), value));
          model.remove(key);
        }
        default -> {
          // A blocking call waits for the asynchronous ones before it.
          assertThat(blocking.getEntry(key).map(Entry::value))
              .as("getEntry %s, %s", key, seed)
              .isEqualTo(value);
          assertThat(blocking.timeToLive(key).isPresent())
              .as("timeToLive %s, %s", key, seed)
              .isEqualTo(held.map(Held::ends).orElse(false));
          Optional<Entry<Long>> entry = blocking.getEntry(key);
          if (entry.isPresent()) {
            checks.add(
                check(
                    "cas " + key,
                    store
                        .compareAndSet(key, entry.get().version(), fresh, ttl)
                        .thenApply(OptionalLong::isPresent),
                    true));
            checks.add(
                check(
                    "second cas " + key,
                    store
                        .compareAndSet(key, entry.get().version(), -1L, ttl)
                        .thenApply(OptionalLong::isPresent),
                    false));
            model.put(key, written);
          }
        }
      }
    }
    for (Check check : checks) {
      assertThat((Object) check.answer().get(60, TimeUnit.SECONDS))
          .as("%s, %s", check.call(), seed)
          .isEqualTo(check.expected());
    }
    for (int i = 0; i < KEYS; i++) {
      String key = prefix + i;
      assertThat(blocking.get(key))
          .as("at the end %s, %s", key, seed)
          .isEqualTo(Optional.ofNullable(model.get(key)).map(Held::value));
    }
  }

  private static Check check(String call, CompletionStage<?> answer, Object expected) {
    return new Check(call, answer.toCompletableFuture(), expected);
  }
}
