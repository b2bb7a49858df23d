package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.engine.EngineMetrics;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which versions writes hand out when they share a statement. */
class KvVersionTest extends HowdahTest {
  private final AtomicInteger mostCalls = new AtomicInteger();

  /** A batch that fails goes on singly, so nobody would notice. */
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void forgetEarlierTests() {
    mostCalls.set(0);
  }

  @AfterEach
  void callsHaveSharedStatements() {
    assertThat(failures).isEmpty();
    assertThat(mostCalls.get()).isGreaterThan(1);
  }

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    // Nothing is set aside, where calls run singly: here they shall be merged.
    return builder
        .lanes(2)
        .lockTimeout(Duration.ofSeconds(10))
        .callTimeout(Duration.ofSeconds(60))
        .metrics(
            new EngineMetrics() {
              @Override
              public void statement(String operation, int served, long queuedNanos, long ranNanos) {
                if (operation.equals("kv_set")) {
                  int unused = mostCalls.accumulateAndGet(served, Math::max);
                }
              }

              @Override
              public void failure(String operation, String sqlState) {
                failures.add(operation + " " + sqlState);
              }
            });
  }

  /**
   * Of two processes: runs of sets and of replaces, and now and then a delete, all on one key and
   * not awaited, so that most of them are merged into the one behind them. Each had a version of
   * its own, and those of one thread grow.
   */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void mergedWritesHaveVersionsThatNoOtherValueHad(Durability durability) {
    String namespace = "versions-" + durability;
    howdah.namespaces().create(namespace, durability);
    try (Howdah other =
        configure(TestPostgres.builder().schema(schema)).schemaMode(SchemaMode.VALIDATE).open()) {
      List<List<Long>> byThread =
          Threads.run(
              4,
              thread ->
                  writes((thread % 2 == 0 ? howdah : other).kv(namespace, Integer.class), thread));
      Set<Long> all = new HashSet<>();
      int count = 0;
      for (List<Long> versions : byThread) {
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        all.addAll(versions);
        count += versions.size();
      }
      assertThat(all).hasSize(count);
    }
  }

  private static List<Long> writes(KeyValueStore<Integer> store, int seed) {
    AsyncKeyValueStore<Integer> async = store.async();
    Random random = new Random(seed);
    List<CompletableFuture<OptionalLong>> answers = new ArrayList<>();
    for (int phase = 0; phase < 12; phase++) {
      int what = random.nextInt(8);
      if (what == 0) {
        var unused = async.delete("k");
      }
      int calls = 1 + random.nextInt(200);
      for (int i = 0; i < calls; i++) {
        answers.add(
            (what < 3 ? async.replace("k", i, null) : async.set("k", i).thenApply(OptionalLong::of))
                .toCompletableFuture());
      }
    }
    List<Long> versions = new ArrayList<>();
    answers.forEach(answer -> answer.join().ifPresent(versions::add));
    return versions;
  }

  /** The answer of a batch has no keys in it: it relies on both sides having the same order. */
  @Test
  void versionsOfABatchGoToTheirKeysInWhateverScript() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 5; round++) {
      List<KeyValueStore<Integer>> stores =
          List.of(
              howdah.kv("order", Integer.class),
              howdah.kv("order\uFF5E" + round, Integer.class),
              howdah.kv("order\uD83D\uDE00" + round, Integer.class),
              howdah.kv("order-" + round, Integer.class));
      Map<KvKey, CompletableFuture<Long>> versions = new HashMap<>();
      for (int i = 0; i < 400; i++) {
        KeyValueStore<Integer> store = stores.get(random.nextInt(stores.size()));
        KvKey key = new KvKey(store.namespace(), randomKey(random));
        versions.put(key, store.async().set(key.key(), i).toCompletableFuture());
      }
      versions.forEach((key, version) -> {
        Entry<Integer> entry =
            howdah.kv(key.namespace(), Integer.class).getEntry(key.key()).orElseThrow();
        assertThat(entry.version()).as("seed %s, %s", seed, key).isEqualTo(version.join());
      });
    }
  }

  /** Short, of few characters where orders differ, and with common beginnings. */
  private static String randomKey(Random random) {
    int[] alphabet = {
      1, 'a', 'b', 0x7F, 0x80, 0xE9, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFF5E, 0xFFFD, 0xFFFF, 0x10000,
      0x1F600, 0x10FFFF
    };
    StringBuilder key = new StringBuilder();
    int length = 1 + random.nextInt(4);
    for (int i = 0; i < length; i++) {
      key.appendCodePoint(
          random.nextInt(4) == 0
              ? randomCodePoint(random)
              : alphabet[random.nextInt(alphabet.length)]);
    }
    return key.toString();
  }

  private static int randomCodePoint(Random random) {
    while (true) {
      int candidate = 1 + random.nextInt(Character.MAX_CODE_POINT);
      if (candidate < Character.MIN_SURROGATE || candidate > Character.MAX_SURROGATE) {
        return candidate;
      }
    }
  }
}
