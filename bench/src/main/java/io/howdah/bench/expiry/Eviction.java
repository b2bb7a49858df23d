package io.howdah.bench.expiry;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.bench.kv.Dataset;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cache that is too small for what is asked for: each read that finds nothing stores the value.
 * The background sweeper evicts, by what the library tells it of the reads.
 */
final class Eviction {

  private static final String NAMESPACE = "evicted";
  private static final int READERS = 8;

  /** The first part of the reads fills the cache, and is not counted. */
  private static final int WARMUP_PART = 3;

  private final PostgresServer server;
  private final ExpirySettings settings;
  private final List<String> problems;
  private final Dataset dataset;
  private final Zipf zipf;

  // What was asked for, in the order in which the reads began, for the caches to compare with.
  private final int[] asked;
  private final boolean[] hit;
  private final AtomicInteger reads = new AtomicInteger();

  /**
   * @param problems takes what goes wrong
   */
  Eviction(PostgresServer server, ExpirySettings settings, List<String> problems) {
    this.server = server;
    this.settings = settings;
    this.problems = problems;
    dataset = new Dataset(settings.evictionKeys(), ExpirySettings.VALUE_BYTES);
    zipf = new Zipf(settings.evictionKeys());
    // The gaps between reads are random: somewhat more of them than the rate says may come.
    long expected = settings.evictionRate() * settings.evictionLength().toMillis() / 1_000;
    asked = new int[(int) (expected * 2 + 1_000)];
    hit = new boolean[asked.length];
  }

  EvictionResult run() throws Exception {
    try (Howdah howdah =
        Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open()) {
      howdah
          .namespaces()
          .create(
              NAMESPACE,
              NamespaceSettings.of(Durability.EPHEMERAL).withMaxEntries(settings.evictionSize()));
      KeyValueStore<String> store = howdah.kv(NAMESPACE, Codec.rawJson());
      List<Reader> readers = new ArrayList<>();
      for (int reader = 0; reader < READERS; reader++) {
        readers.add(new Reader(store, reader));
      }
      try (PacedLoad load = PacedLoad.start(readers, settings.evictionRate())) {
        long warmup = settings.evictionLength().toNanos() / WARMUP_PART;
        TimeUnit.NANOSECONDS.sleep(warmup);
        int from = reads.get();
        long entries = meanEntries(store, settings.evictionLength().toNanos() - warmup);
        load.close();
        problems.addAll(load.problems());
        return compare(from, Math.min(reads.get(), asked.length), entries);
      }
    }
  }

  private static long meanEntries(KeyValueStore<String> store, long nanos)
      throws InterruptedException {
    long until = System.nanoTime() + nanos;
    long sum = 0;
    int looks = 0;
    long left;
    while ((left = until - System.nanoTime()) > 0) {
      sum += store.count("");
      looks++;
      TimeUnit.NANOSECONDS.sleep(Math.min(left, TimeUnit.MILLISECONDS.toNanos(500)));
    }
    return looks == 0 ? 0 : sum / looks;
  }

  private EvictionResult compare(int from, int to, long entries) {
    BoundedCache fifo = BoundedCache.firstInFirstOut((int) entries);
    BoundedCache lru = BoundedCache.leastRecentlyUsed((int) entries);
    int ours = 0;
    int first = 0;
    int used = 0;
    for (int i = 0; i < to; i++) {
      boolean fifoHit = fifo.read(asked[i]);
      boolean lruHit = lru.read(asked[i]);
      if (i >= from) {
        ours += hit[i] ? 1 : 0;
        first += fifoHit ? 1 : 0;
        used += lruHit ? 1 : 0;
      }
    }
    double counted = Math.max(1, to - from);
    return new EvictionResult(
        settings.evictionSize(),
        entries,
        to - from,
        ours / counted,
        first / counted,
        used / counted);
  }

  private final class Reader implements PacedLoad.Caller {
    private final KeyValueStore<String> store;
    private final SplittableRandom random;

    Reader(KeyValueStore<String> store, long seed) {
      this.store = store;
      random = new SplittableRandom(seed);
    }

    @Override
    public void call(PacedLoad load, boolean atFullSpeed) {
      int index = zipf.next(random);
      int place = reads.getAndIncrement();
      String value = store.get(dataset.key(index)).orElse(null);
      if (place < asked.length) {
        asked[place] = index;
        hit[place] = value != null;
      }
      if (value == null) {
        long unused = store.set(dataset.key(index), dataset.value(index, 0));
      } else if (!dataset.isValue(index, value)) {
        load.wrong("another value for " + dataset.key(index) + ": " + value);
      }
    }
  }
}
