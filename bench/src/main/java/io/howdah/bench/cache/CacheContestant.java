package io.howdah.bench.cache;

import io.howdah.bench.kv.JsonValues;
import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** A cache as a contestant. */
final class CacheContestant implements Contestant {

  static final int LOADING_THREADS = 8;

  private final CacheTarget target;
  private final List<String> keys;
  private final JsonValues values;

  CacheContestant(CacheTarget target, int keys, int valueBytes) {
    this.target = target;
    this.keys = IntStream.range(0, keys).mapToObj("key:%010d"::formatted).toList();
    this.values = new JsonValues(this.keys.get(0).length(), valueBytes);
  }

  @Override
  public Profile profile() {
    return target.profile();
  }

  @Override
  public boolean plays(String workload) {
    return true;
  }

  /** Computes every value once. */
  void load() throws Exception {
    target.open();
    ExecutorService threads = Executors.newFixedThreadPool(LOADING_THREADS);
    try {
      List<Callable<String>> calls = new ArrayList<>();
      keys.forEach(key -> calls.add(() -> target.get(key, () -> values.of(key, 0))));
      for (Future<String> call : threads.invokeAll(calls)) {
        if (call.get().isEmpty()) {
          throw new IllegalStateException(profile().label() + " has an empty value");
        }
      }
    } finally {
      threads.shutdown();
      target.close();
    }
  }

  @Override
  public Session open(Case measured) throws Exception {
    Workload workload = Workload.ofId(measured.workload());
    target.open();
    return new Session() {
      @Override
      public List<CallLoop> loops(int round) {
        return IntStream.range(0, measured.threads())
            .<CallLoop>mapToObj(thread ->
                new CacheLoop(
                    target,
                    keys,
                    values,
                    workload,
                    new SplittableRandom(round * 100_003L + thread)))
            .toList();
      }

      @Override
      public void settle() throws Exception {
        target.settle();
      }

      @Override
      public void close() throws Exception {
        target.close();
      }
    };
  }
}
