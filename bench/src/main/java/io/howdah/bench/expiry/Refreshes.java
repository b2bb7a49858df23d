package io.howdah.bench.expiry;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.bench.kv.Dataset;
import io.howdah.bench.server.PostgresServer;
import io.howdah.kv.AsyncKeyValueStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Gives each of many values a new end, again and again, as fast as it can. */
final class Refreshes {

  private static final String NAMESPACE = "refreshed";
  private static final String TABLE =
      PostgresServer.table(io.howdah.bench.measure.Durability.EPHEMERAL);
  private static final int KEYS_PER_CALL = 1_000;
  private static final int THREADS = 4;
  private static final int WINDOW = 64;
  private static final Duration TTL = Duration.ofMinutes(30);
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final PostgresServer server;
  private final ExpirySettings settings;
  private final Dataset dataset;

  Refreshes(PostgresServer server, ExpirySettings settings) {
    this.server = server;
    this.settings = settings;
    dataset = new Dataset(settings.refreshKeys(), ExpirySettings.VALUE_BYTES);
  }

  /** In which order the values are refreshed. */
  enum Order {
    RANDOM,
    CONTIGUOUS;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  RefreshResult run(Order order) throws Exception {
    load();
    long bytes = server.totalBytes(TABLE);
    long updatesBefore = updates("n_tup_upd");
    long hotBefore = updates("n_tup_hot_upd");
    long calls;
    long refused;
    long began = System.nanoTime();
    // Its connections tell the statistics what they did when they end.
    try (Howdah howdah = open()) {
      ExecutorService executor = Executors.newFixedThreadPool(THREADS);
      try {
        long[] sums = refreshAll(executor, howdah.kv(NAMESPACE, Codec.rawJson()).async(), order);
        calls = sums[0];
        refused = sums[1];
      } finally {
        executor.shutdownNow();
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    awaitStatistics(updatesBefore);
    long updates = updates("n_tup_upd") - updatesBefore;
    return new RefreshResult(
        order.id(),
        seconds,
        calls,
        refused,
        updates,
        updates("n_tup_hot_upd") - hotBefore,
        bytes,
        server.totalBytes(TABLE));
  }

  /** A table in which there is nothing else, as it is after a vacuum. */
  private void load() throws SQLException {
    try (Howdah howdah = open()) {
      howdah.namespaces().create(NAMESPACE, Durability.EPHEMERAL);
      long unused = howdah.namespaces().clear(NAMESPACE);
      server.execute("VACUUM (FULL) " + TABLE);
      for (Dataset.Range range : dataset.ranges(KEYS_PER_CALL)) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = range.from(); i < range.to(); i++) {
          values.put(dataset.key(i), dataset.value(i, 0));
        }
        howdah.kv(NAMESPACE, Codec.rawJson()).setAll(values, TTL);
      }
    }
    server.settle();
  }

  private long[] refreshAll(ExecutorService executor, AsyncKeyValueStore<String> store, Order order)
      throws Exception {
    long until = System.nanoTime() + settings.refreshLength().toNanos();
    List<Future<long[]>> threads = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      IntSupplier keys = keys(order, thread);
      threads.add(executor.submit(() -> refresh(store, keys, until)));
    }
    long calls = 0;
    long refused = 0;
    for (Future<long[]> thread : threads) {
      long[] sums = thread.get();
      calls += sums[0];
      refused += sums[1];
    }
    return new long[] {calls, refused};
  }

  private IntSupplier keys(Order order, int thread) {
    if (order == Order.RANDOM) {
      SplittableRandom random = new SplittableRandom(thread);
      return () -> random.nextInt(dataset.size());
    }
    int[] next = {(int) ((long) dataset.size() * thread / THREADS)};
    return () -> {
      int index = next[0];
      next[0] = (index + 1) % dataset.size();
      return index;
    };
  }

  private long[] refresh(AsyncKeyValueStore<String> store, IntSupplier keys, long until)
      throws ExecutionException, InterruptedException {
    long calls = 0;
    long refused = 0;
    while (System.nanoTime() - until < 0) {
      List<CompletableFuture<Boolean>> window = new ArrayList<>(WINDOW);
      for (int i = 0; i < WINDOW; i++) {
        window.add(store.expire(dataset.key(keys.getAsInt()), TTL).toCompletableFuture());
      }
      for (CompletableFuture<Boolean> call : window) {
        calls++;
        if (!call.get()) {
          refused++;
        }
      }
    }
    return new long[] {calls, refused};
  }

  /** The connections have ended; their figures are there a moment later. */
  private void awaitStatistics(long before) throws SQLException, InterruptedException {
    long giveUpAt = System.nanoTime() + PATIENCE_NANOS;
    long last;
    long now = before;
    do {
      if (System.nanoTime() - giveUpAt > 0) {
        throw new IllegalStateException("Postgres does not count the updates");
      }
      last = now;
      TimeUnit.SECONDS.sleep(1);
      now = updates("n_tup_upd");
    } while (now == before || now != last);
  }

  private long updates(String column) throws SQLException {
    return server.number(
        "SELECT %s FROM pg_stat_user_tables WHERE relid = '%s'::regclass".formatted(column, TABLE));
  }

  private Howdah open() {
    return Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
  }
}
