package io.howdah.bench.measure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Calls at a steady rate, however long the answers take: an open loop, as the users of a program
 * are one. A call that is due while its thread still waits for an answer goes out late, and its
 * latency counts from when it was due. Gaps are random, with an exponential distribution.
 *
 * <p>A call that fails is counted, and its thread goes on: a benchmark of minutes is not lost for
 * it, though its result is void.
 */
public final class PacedLoad implements AutoCloseable {

  private static final int SIGNIFICANT_DIGITS = 2;
  private static final long LOWEST_NANOS = 100;
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final int MOST_PROBLEMS = 10;

  /** So that a change of pace, or the end, is seen soon by a thread that waits for its turn. */
  private static final long LONGEST_NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final List<Thread> threads = new ArrayList<>();
  private final Recorder recorder = new Recorder(LOWEST_NANOS, HIGHEST_NANOS, SIGNIFICANT_DIGITS);
  private final LongAdder failures = new LongAdder();
  private final LongAdder wrongAnswers = new LongAdder();
  private final Set<String> problems = new LinkedHashSet<>();
  private volatile Pace pace;
  private volatile boolean over;
  private long intervalBegan = System.nanoTime();

  /** Makes the calls of one thread. */
  @FunctionalInterface
  public interface Caller {

    /**
     * Makes one call, and checks its answer.
     *
     * @param atFullSpeed whether the load is without a pace at the moment
     */
    void call(PacedLoad load, boolean atFullSpeed) throws Exception;
  }

  /**
   * What was done since the last interval was taken.
   *
   * @param nanos how long it was
   * @param latencies of all calls, in nanoseconds, from when each was due
   */
  public record Interval(long nanos, Histogram latencies) {

    /** Calls answered. */
    public long calls() {
      return latencies.getTotalCount();
    }

    /** Calls answered per second. */
    public double callsPerSecond() {
      return calls() * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
    }
  }

  /** How fast all threads together call; without a pace, as fast as they can. */
  private static final class Pace {
    private final double meanGapNanos;

    Pace(double callsPerSecond, int threads) {
      meanGapNanos =
          callsPerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) * threads / callsPerSecond;
    }

    boolean isFullSpeed() {
      return meanGapNanos == 0;
    }

    long nextGap(SplittableRandom random) {
      return (long) (-Math.log(1 - random.nextDouble()) * meanGapNanos);
    }
  }

  private PacedLoad(Pace pace) {
    this.pace = pace;
  }

  /**
   * Starts a thread for each caller.
   *
   * @param callsPerSecond of all threads together; 0 for as many as they can
   */
  public static PacedLoad start(List<? extends Caller> callers, double callsPerSecond) {
    PacedLoad load = new PacedLoad(new Pace(callsPerSecond, callers.size()));
    for (int i = 0; i < callers.size(); i++) {
      Caller caller = callers.get(i);
      SplittableRandom random = new SplittableRandom(i);
      Thread thread = new Thread(() -> load.run(caller, random), "bench-load-" + i);
      // Ctrl-C must not wait for callers that hang in a driver.
      thread.setDaemon(true);
      load.threads.add(thread);
    }
    load.threads.forEach(Thread::start);
    return load;
  }

  /** Calls at this rate from now on; 0 for as fast as it can. What was due before is forgotten. */
  public void changePace(double callsPerSecond) {
    pace = new Pace(callsPerSecond, threads.size());
  }

  /** What was done since this was last called. */
  public Interval takeInterval() {
    long now = System.nanoTime();
    Interval interval = new Interval(now - intervalBegan, recorder.getIntervalHistogram());
    intervalBegan = now;
    return interval;
  }

  /** Counts an answer that is not what it must be. */
  public void wrong(String description) {
    wrongAnswers.increment();
    note("wrong answer: " + description);
  }

  /** How many answers were wrong. */
  public long wrongAnswers() {
    return wrongAnswers.sum();
  }

  /** How many calls failed. */
  public long failures() {
    return failures.sum();
  }

  /** The first wrong answers and failures, without repeats. */
  public List<String> problems() {
    synchronized (problems) {
      return List.copyOf(problems);
    }
  }

  private void note(String problem) {
    synchronized (problems) {
      if (problems.size() < MOST_PROBLEMS) {
        problems.add(problem);
      }
    }
  }

  private void run(Caller caller, SplittableRandom random) {
    Pace current = pace;
    long due = System.nanoTime() + current.nextGap(random);
    while (!over) {
      if (current != pace) {
        current = pace;
        due = System.nanoTime() + current.nextGap(random);
      }
      long early = current.isFullSpeed() ? 0 : due - System.nanoTime();
      if (early > 0) {
        LockSupport.parkNanos(Math.min(early, LONGEST_NAP_NANOS));
        continue;
      }
      long from = current.isFullSpeed() ? System.nanoTime() : due;
      due += current.nextGap(random);
      call(caller, current.isFullSpeed(), from);
    }
  }

  private void call(Caller caller, boolean atFullSpeed, long from) {
    try {
      caller.call(this, atFullSpeed);
      recorder.recordValue(Math.min(System.nanoTime() - from, HIGHEST_NANOS));
    } catch (Exception e) {
      failures.increment();
      note("failed: " + e);
    } catch (Error e) {
      // Without this a thread that dies would look like a store that is slow.
      failures.increment();
      note("failed: " + e);
      throw e;
    }
  }

  /** Ends the threads, each after the call that it waits for. */
  @Override
  public void close() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
