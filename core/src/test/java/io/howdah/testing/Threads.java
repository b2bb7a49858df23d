package io.howdah.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs something in many threads that begin together. */
public final class Threads {
  private Threads() {}

  /** What a thread does; it gets its number. */
  public interface Work<R> {
    R run(int thread) throws Exception;
  }

  /** The results, by thread; fails when one fails or takes longer than two minutes. */
  public static <R> List<R> run(int threads, Work<R> work) {
    return run(threads, Duration.ofMinutes(2), work);
  }

  /** The same, with another patience. */
  public static <R> List<R> run(int threads, Duration patience, Work<R> work) {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier together = new CyclicBarrier(threads);
      List<Callable<R>> calls = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        calls.add(() -> {
          together.await(30, TimeUnit.SECONDS);
          return work.run(thread);
        });
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future :
          executor.invokeAll(calls, patience.toMillis(), TimeUnit.MILLISECONDS)) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new AssertionError("a thread failed: " + e.getCause(), e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }
}
