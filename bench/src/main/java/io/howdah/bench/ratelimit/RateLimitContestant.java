package io.howdah.bench.ratelimit;

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

/** A rate limiter as a contestant. */
final class RateLimitContestant implements Contestant {

  static final int LOADING_THREADS = 8;

  private final RateLimitTarget target;
  private final List<String> keys;

  /**
   * @param keys how many keys the spread calls choose from
   */
  RateLimitContestant(RateLimitTarget target, int keys) {
    this.target = target;
    this.keys = IntStream.range(0, keys).mapToObj("key:%010d"::formatted).toList();
  }

  @Override
  public Profile profile() {
    return target.profile();
  }

  @Override
  public boolean plays(String workload) {
    return target.supports(Workload.ofId(workload));
  }

  /** Asks once for every key, since the first call on a key costs more than the next ones. */
  void load() throws Exception {
    target.create();
    if (!target.supports(Workload.SPREAD)) {
      return;
    }
    target.open(LOADING_THREADS, Workload.SPREAD.allowance());
    ExecutorService threads = Executors.newFixedThreadPool(LOADING_THREADS);
    try {
      List<Callable<Boolean>> calls = new ArrayList<>();
      keys.forEach(key -> calls.add(() -> target.acquire(key)));
      for (Future<Boolean> call : threads.invokeAll(calls)) {
        if (!call.get()) {
          throw new IllegalStateException(profile().label() + " denied a first call");
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
    target.open(measured.threads(), workload.allowance());
    return new Session() {
      @Override
      public List<CallLoop> loops(int round) {
        return switch (workload) {
          case SPREAD -> allowed(keys, measured.threads(), round);
          case HOT -> allowed(List.of("hot"), measured.threads(), round);
          case DENIED -> denied(measured.threads(), round);
        };
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

  private List<CallLoop> allowed(List<String> chosenFrom, int threads, int round) {
    return IntStream.range(0, threads)
        .<CallLoop>mapToObj(thread ->
            new AllowedLoop(target, chosenFrom, new SplittableRandom(round * 100_003L + thread)))
        .toList();
  }

  private List<CallLoop> denied(int threads, int round) {
    Admissions admissions =
        new Admissions(
            target,
            "denied:%d:%d".formatted(threads, round),
            Workload.DENIED.allowance().calls(),
            threads);
    return IntStream.range(0, threads).mapToObj(thread -> admissions.loop()).toList();
  }
}
