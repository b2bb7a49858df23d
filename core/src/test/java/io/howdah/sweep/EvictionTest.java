package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A namespace that evicts keeps within its bounds, and keeps what is used. */
@Timeout(300)
class EvictionTest extends HowdahTest {
  @ParameterizedTest
  @EnumSource(Durability.class)
  void tooManyEntriesAreEvicted(Durability durability) {
    String name = "entries-" + durability;
    howdah.namespaces().create(name, NamespaceSettings.of(durability).withMaxEntries(300));
    KeyValueStore<String> store = fill(name, 1_000);
    fill("bystander-" + durability, 500);
    assertThat(sweepAll()).isEqualTo(700);
    assertThat(store.count("")).isEqualTo(300);
    assertThat(sweepAll()).isZero();
    assertThat(howdah.kv("bystander-" + durability, String.class).count("")).isEqualTo(500);
  }

  @Test
  void tooManyBytesAreEvicted() {
    howdah
        .namespaces()
        .create("bytes", NamespaceSettings.of(Durability.EPHEMERAL).withMaxBytes(200_000));
    KeyValueStore<String> store = fill("bytes", 2_000);
    assertThat(sweepAll()).isPositive();
    long bytes = size("bytes");
    assertThat(bytes).isBetween(199_000L, 200_000L);
    assertThat(store.count("")).isBetween(500L, 1_500L);
  }

  @Test
  void deadRowsGoBeforeLiveOnes() {
    howdah
        .namespaces()
        .create("dying", NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(100));
    KeyValueStore<Integer> store = howdah.kv("dying", Integer.class);
    for (int i = 0; i < 100; i++) {
      store.set("short-" + i, i, Duration.ofMinutes(1));
      store.set("long-" + i, i);
    }
    age("dying", 60);
    assertThat(sweepAll()).isZero();
    assertThat(store.count("long-")).isEqualTo(100);
  }

  @Test
  void keysThatAreReadStay() {
    howdah
        .namespaces()
        .create("read", NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(200));
    fill("read", 1_000);
    assertThat(
            sql(
                "SELECT $.kv_mark('read', ARRAY(SELECT 'k' || i FROM generate_series(0, 999, 10) AS i))"))
        .hasSize(1);
    assertThat(sweepAll()).isEqualTo(800);
    assertThat(
            sql(
                "SELECT count(*) FROM $.kv_ephemeral WHERE namespace = 'read' AND right(key, 1) = '0'"))
        .containsExactly("100");
  }

  @Test
  void keysThatAreOverwrittenStay() {
    howdah
        .namespaces()
        .create("written", NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(500));
    KeyValueStore<String> store = fill("written", 510);
    assertThat(sweepAll()).isEqualTo(10);
    // From here on the hand knows when it passed.
    List<String> keys =
        sql("SELECT key FROM $.kv_ephemeral WHERE namespace = 'written' ORDER BY key");
    List<String> kept = keys.subList(0, 50);
    for (int round = 0; round < 6; round++) {
      kept.forEach(key -> store.set(key, "again"));
      for (int i = 0; i < 150; i++) {
        store.set("new-" + round + "-" + i, "v");
      }
      assertThat(sweepAll()).isEqualTo(150);
    }
    assertThat(store.getAll(kept)).hasSize(50);
  }

  /** The library marks what it reads. */
  @Test
  void readsAreMarkedForAShareOfThem() throws InterruptedException {
    howdah
        .namespaces()
        .create("marked", NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(200));
    KeyValueStore<String> store = fill("marked", 20);
    fill("unbounded", 20);
    KeyValueStore<String> unbounded = howdah.kv("unbounded", String.class);
    String marks =
        "SELECT k.key FROM $.kv_ephemeral AS k JOIN $.kv_mark AS m ON m.hash = $._kv_hash(k.namespace, k.key) WHERE k.namespace = ?";
    long giveUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (sql(marks, "marked").size() < 5) {
      assertThat(System.nanoTime() - giveUpAt).isNegative();
      for (int i = 0; i < 100; i++) {
        assertThat(store.get("k" + i % 5)).isPresent();
        assertThat(store.async().get("absent").toCompletableFuture().join()).isEmpty();
        assertThat(unbounded.get("k" + i % 5)).isPresent();
      }
    }
    assertThat(sql(marks, "marked")).containsExactlyInAnyOrder("k0", "k1", "k2", "k3", "k4");
    assertThat(sql(marks, "unbounded")).isEmpty();
  }

  @Test
  void marksOfKeysThatAreGoneGoToo() {
    howdah
        .namespaces()
        .create("gone", NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(200));
    assertThat(sql("SELECT $.kv_mark('gone', ARRAY['a', 'b', NULL, 'a'])")).hasSize(1);
    assertThat(sql("UPDATE $.kv_mark SET expires_at = now() WHERE hash = $._kv_hash('gone', 'a')"))
        .isEmpty();
    sweepAll();
    assertThat(sql("SELECT 1 FROM $.kv_mark WHERE hash = $._kv_hash('gone', 'a')")).isEmpty();
    assertThat(sql("SELECT 1 FROM $.kv_mark WHERE hash = $._kv_hash('gone', 'b')")).hasSize(1);
  }

  /**
   * A cache of 500 of 5,000 keys, read with a Zipf distribution (exponent 1): a sixteenth of the
   * hits is marked, as the library does, here with a fixed seed.
   */
  @Tag("full")
  @Test
  void secondChanceBeatsFirstInFirstOut() {
    int keys = 5_000;
    int size = 500;
    howdah
        .namespaces()
        .create("zipf", NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(size));
    KeyValueStore<Integer> store = howdah.kv("zipf", Integer.class);
    Random random = new Random(42);
    Random share = new Random(43);
    TreeMap<Double, Integer> zipf = new TreeMap<>();
    double sum = 0;
    for (int i = 1; i <= keys; i++) {
      zipf.put(sum, i);
      sum += 1.0 / i;
    }
    Bounded fifo = new Bounded(size, false);
    Bounded lru = new Bounded(size, true);
    int ours = 0;
    int theirs = 0;
    int best = 0;
    int counted = 0;
    int rounds = 150;
    for (int round = 0; round < rounds; round++) {
      Map<String, Integer> wanted = new LinkedHashMap<>();
      for (int i = 0; i < 200; i++) {
        wanted.merge("k" + zipf.floorEntry(random.nextDouble() * sum).getValue(), 1, Integer::sum);
      }
      Set<String> found = store.getAll(wanted.keySet()).keySet();
      Map<String, Integer> missed = new HashMap<>();
      Set<String> marked = new LinkedHashSet<>();
      for (Map.Entry<String, Integer> key : wanted.entrySet()) {
        for (int i = 0; i < key.getValue(); i++) {
          boolean hit = found.contains(key.getKey()) || i > 0;
          if (hit && share.nextInt(16) == 0) {
            marked.add(key.getKey());
          }
          if (!hit) {
            missed.put(key.getKey(), 1);
          }
          boolean fifoHit = fifo.read(key.getKey());
          boolean lruHit = lru.read(key.getKey());
          if (round >= rounds / 3) {
            counted++;
            ours += hit ? 1 : 0;
            theirs += fifoHit ? 1 : 0;
            best += lruHit ? 1 : 0;
          }
        }
      }
      store.setAll(missed);
      assertThat(sql("SELECT $.kv_mark('zipf', ?)", (Object) marked.toArray(new String[0])))
          .hasSize(1);
      sweepAll();
    }
    System.out.printf(
        "Zipf, %d of %d keys: hit rate %.3f; FIFO %.3f, LRU %.3f%n",
        size, keys, 1.0 * ours / counted, 1.0 * theirs / counted, 1.0 * best / counted);
    assertThat(store.count("")).isEqualTo(size);
    assertThat(sumsThatAreWrong()).isEmpty();
    assertThat(1.0 * ours / counted).isGreaterThan(1.0 * theirs / counted + 0.02);
  }

  /** What a forgotten time to live would do. */
  @Test
  void unregisteredNamespacesHaveABoundTogether() {
    String url = TestPostgres.url() + "&options=-c%20howdah.unregistered_max_bytes%3D300000";
    String other = TestPostgres.freshSchema(getClass());
    try (Howdah bounded = Howdah.builder(url).schema(other).sweeper(false).open()) {
      KeyValueStore<String> small = bounded.kv("small", String.class);
      KeyValueStore<String> forgotten = bounded.kv("forgotten", String.class);
      bounded.namespaces().create("registered", Durability.EPHEMERAL);
      KeyValueStore<String> registered = bounded.kv("registered", String.class);
      for (int i = 0; i < 100; i++) {
        small.set("k" + i, "x".repeat(100));
        registered.set("k" + i, "x".repeat(10_000));
      }
      SweepReport calm = bounded.sweep();
      assertThat(calm.warning()).isEmpty();
      assertThat(calm.evicted()).isZero();
      Map<String, String> values = new HashMap<>();
      for (int i = 0; i < 1_050; i++) {
        values.put("k" + i, "x".repeat(100));
      }
      forgotten.setAll(values);
      SweepReport near = bounded.sweep();
      assertThat(near.warning())
          .hasValueSatisfying(text ->
              assertThat(text)
                  .contains("howdah.unregistered_max_bytes", "'forgotten'")
                  .doesNotContain("evicted"));
      assertThat(near.evicted()).isZero();
      for (int i = 1_050; i < 3_000; i++) {
        values.put("k" + i, "x".repeat(100));
      }
      forgotten.setAll(values);
      SweepReport over;
      long evicted = 0;
      do {
        over = bounded.sweep();
        evicted += over.evicted();
        if (over.evicted() > 0) {
          assertThat(over.warning()).isPresent();
        }
      } while (!over.isDone());
      assertThat(evicted).isBetween(1_000L, 2_500L);
      assertThat(forgotten.count("")).isEqualTo(3_000 - evicted);
      assertThat(small.count("")).isEqualTo(100);
      assertThat(registered.count("")).isEqualTo(100);
    } finally {
      assertThat(sql("DROP SCHEMA " + other + " CASCADE")).isEmpty();
    }
  }

  /** FIFO or LRU, in memory. */
  private static final class Bounded {
    private final LinkedHashMap<String, Boolean> entries;
    private final int size;

    Bounded(int size, boolean byUse) {
      this.size = size;
      this.entries = new LinkedHashMap<>(16, 0.75f, byUse);
    }

    boolean read(String key) {
      if (entries.get(key) != null) {
        return true;
      }
      entries.put(key, true);
      if (entries.size() > size) {
        entries.remove(entries.keySet().iterator().next());
      }
      return false;
    }
  }

  /** The sizes are kept as sums, to which only differences are added. */
  private List<String> sumsThatAreWrong() {
    return sql(
        "SELECT name FROM (SELECT r.table_name, z.key AS name, sum((z.value ->> 0)::bigint) AS entries, sum((z.value ->> 1)::bigint) AS bytes"
            + " FROM $.sweep_range AS r, jsonb_each(r.sizes) AS z GROUP BY 1, 2) AS r"
            + " FULL JOIN $.sweep_size AS s USING (table_name, name)"
            + " WHERE r.entries IS DISTINCT FROM s.entries OR r.bytes IS DISTINCT FROM s.bytes"
            + " UNION ALL SELECT h.table_name FROM $.sweep_hand AS h"
            + " WHERE h.entries <> (SELECT coalesce(sum(r.entries), 0) FROM $.sweep_range AS r WHERE r.table_name = h.table_name)");
  }

  @CanIgnoreReturnValue
  private KeyValueStore<String> fill(String namespace, int entries) {
    KeyValueStore<String> store = howdah.kv(namespace, String.class);
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < entries; i++) {
      values.put("k" + i, "x".repeat(50));
    }
    store.setAll(values);
    return store;
  }

  private long size(String namespace) {
    return Long.parseLong(
        sql("SELECT bytes FROM $.namespace_size WHERE name = ?", namespace).get(0));
  }

  @CanIgnoreReturnValue
  private long sweepAll() {
    long evicted = 0;
    SweepReport report;
    do {
      report = howdah.sweep();
      evicted += report.evicted();
    } while (!report.isDone());
    return evicted;
  }
}
