package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Linearizability;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads, and several processes, on the same keys. */
class KvConcurrencyTest extends HowdahTest {
  private static final int THREADS = 32;

  @Tag("full")
  @ParameterizedTest
  @EnumSource(Durability.class)
  void incrementsOfManyThreadsAndTwoProcessesSumExactly(Durability durability) throws Exception {
    String namespace = "sums-" + durability;
    howdah.namespaces().create(namespace, durability);
    int each = 200;
    Process other =
        KvWorker.start(TestPostgres.url(), schema, "increment", namespace, THREADS, each);
    KeyValueStore<Long> numbers = howdah.kv(namespace, Long.class);
    List<List<Long>> seen =
        Threads.run(
            THREADS,
            thread -> {
              List<Long> sums = new ArrayList<>();
              for (int i = 0; i < each; i++) {
                sums.add(numbers.increment("n"));
              }
              return sums;
            });
    List<Long> all = new ArrayList<>(KvWorker.numbers(other));
    seen.forEach(all::addAll);
    // Each sum from 1 to the last was given to exactly one caller.
    Collections.sort(all);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i)).isEqualTo(i + 1L);
    }
    assertThat(all).hasSize(2 * THREADS * each);
    assertThat(numbers.get("n")).contains(2L * THREADS * each);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void ofRacingSetIfAbsentCallsOneWins(Durability durability) throws Exception {
    String namespace = "races-" + durability;
    howdah.namespaces().create(namespace, durability);
    int races = 100;
    Process other = KvWorker.start(TestPostgres.url(), schema, "race", namespace, THREADS, races);
    KeyValueStore<String> winners = howdah.kv(namespace, String.class);
    ConcurrentLinkedQueue<Long> won = new ConcurrentLinkedQueue<>();
    Threads.run(
        THREADS,
        thread -> {
          for (long race = 0; race < races; race++) {
            if (winners.setIfAbsent("race-" + race, "us").isPresent()) {
              won.add(race);
            }
          }
          return true;
        });
    List<Long> all = new ArrayList<>(KvWorker.numbers(other));
    all.addAll(won);
    assertThat(all).hasSize(races).doesNotHaveDuplicates();
  }

  @Test
  void ofRacingTakesOneGetsTheValue() {
    KeyValueStore<Integer> tokens = howdah.kv("takes", Integer.class);
    for (int round = 0; round < 20; round++) {
      tokens.set("t", round);
      List<Boolean> got = Threads.run(THREADS, thread -> tokens.take("t").isPresent());
      assertThat(got.stream().filter(taken -> taken)).hasSize(1);
    }
  }

  @Test
  void updatesOfManyThreadsLoseNothing() {
    KeyValueStore<Long> numbers = howdah.kv("updates", Long.class);
    Threads.run(
        4,
        thread -> {
          for (int i = 0; i < 50; i++) {
            long unused = numbers.update("n", before -> before.orElse(0L) + 1);
          }
          return true;
        });
    assertThat(numbers.get("n")).contains(200L);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void batchesOverTheSameKeysDoNotDeadlock(Durability durability) {
    String namespace = "overlap-" + durability;
    howdah.namespaces().create(namespace, durability);
    KeyValueStore<Integer> numbers = howdah.kv(namespace, Integer.class);
    String deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    List<String> before = sql(deadlocks);
    Threads.run(
        THREADS,
        thread -> {
          Random random = new Random(thread);
          for (int i = 0; i < 40; i++) {
            List<String> keys = new ArrayList<>();
            for (int k = 0; k < 30; k++) {
              keys.add("k" + random.nextInt(60));
            }
            switch (random.nextInt(5)) {
              case 0 -> {
                Map<String, Integer> values = new HashMap<>();
                keys.forEach(key -> values.put(key, thread));
                numbers.setAll(values);
              }
              case 1 -> numbers.deleteAll(keys);
              case 2 ->
                  keys.forEach(
                      key -> numbers.async().set(key, thread).toCompletableFuture().join());
              case 3 ->
                  keys.stream()
                      .map(key -> numbers.async().increment(key, 1))
                      .toList()
                      .forEach(sum -> sum.toCompletableFuture().join());
              default ->
                  keys.stream()
                      .map(key -> numbers.async().delete(key))
                      .toList()
                      .forEach(done -> done.toCompletableFuture().join());
            }
          }
          return true;
        });
    assertThat(sql(deadlocks)).isEqualTo(before);
  }

  /**
   * Histories of a register are linearizable: for each there is an order of the calls, in which one
   * that ended before another began comes first, and in which every answer is right. The search is
   * Wing and Gong's ("Testing and verifying concurrent objects", 1993).
   */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void historiesOfARegisterAreLinearizable(Durability durability) {
    String namespace = "register-" + durability;
    howdah.namespaces().create(namespace, durability);
    KeyValueStore<Integer> register = howdah.kv(namespace, Integer.class);
    for (int history = 0; history < 40; history++) {
      String key = "r" + history;
      long seed = System.nanoTime();
      List<Linearizability.Call> calls = new ArrayList<>();
      Threads.run(THREADS / 4, thread -> registerCalls(register, key, new Random(seed + thread)))
          .forEach(calls::addAll);
      assertThat(Linearizability.holds(calls)).as("seed %s: %s", seed, calls).isTrue();
    }
  }

  private static List<Linearizability.Call> registerCalls(
      KeyValueStore<Integer> register, String key, Random random) {
    List<Linearizability.Call> calls = new ArrayList<>();
    long lastSeen = 0;
    for (int i = 0; i < 5; i++) {
      long began = System.nanoTime();
      switch (random.nextInt(4)) {
        case 0 -> {
          long version = register.set(key, i);
          calls.add(Linearizability.Call.set(began, System.nanoTime(), version));
          lastSeen = version;
        }
        case 1 -> {
          OptionalLong version = register.compareAndSet(key, lastSeen, i);
          calls.add(
              Linearizability.Call.compareAndSet(began, System.nanoTime(), lastSeen, version));
          lastSeen = version.orElse(lastSeen);
        }
        case 2 ->
            calls.add(Linearizability.Call.delete(began, register.delete(key), System.nanoTime()));
        default -> {
          OptionalLong version =
              register
                  .getEntry(key)
                  .map(entry -> OptionalLong.of(entry.version()))
                  .orElse(OptionalLong.empty());
          calls.add(Linearizability.Call.read(began, System.nanoTime(), version));
          lastSeen = version.orElse(lastSeen);
        }
      }
    }
    return calls;
  }
}
