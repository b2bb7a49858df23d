package io.howdah.bench.measure;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Collects what one thread sees in one round. Not thread-safe: each thread has its own. */
public final class CallRecorder {

  /*
   * Two significant digits (an error of 1 % at most) keep a histogram at some 30 KB, so that the
   * recording of 256 threads does not push the measured code out of the CPU's caches.
   */
  private static final int SIGNIFICANT_DIGITS = 2;
  private static final int PRECISE_DIGITS = 3;
  private static final long LOWEST_NANOS = 100;
  private static final long HIGHEST_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final Histogram latencies;
  private long deadline;
  private long calls;
  private long wrong;
  private @Nullable String problem;

  CallRecorder() {
    this(newHistogram());
  }

  private CallRecorder(Histogram latencies) {
    this.latencies = latencies;
  }

  /** For a single thread, which can afford a larger histogram. */
  static CallRecorder precise() {
    return new CallRecorder(new Histogram(LOWEST_NANOS, HIGHEST_NANOS, PRECISE_DIGITS));
  }

  static Histogram newHistogram() {
    return new Histogram(LOWEST_NANOS, HIGHEST_NANOS, SIGNIFICANT_DIGITS);
  }

  void startUntil(long deadlineNanos) {
    deadline = deadlineNanos;
  }

  /** Whether the round's time is up. */
  public boolean isOver() {
    return System.nanoTime() - deadline >= 0;
  }

  /** How much time is left of the round. */
  public Duration timeLeft() {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  /**
   * Takes over what another program has counted.
   *
   * @param answered how many calls were answered within the round
   * @param nanos the latencies of all calls, or of some of them, chosen at random
   */
  public void counted(long answered, Histogram nanos) {
    calls += answered;
    latencies.add(nanos);
  }

  /**
   * Records one call. One that ends after the deadline counts for the latencies, so that a stall is
   * not left out, but not for the throughput.
   *
   * @param startedAt {@link System#nanoTime()} before the call
   * @param endedAt {@link System#nanoTime()} after it
   */
  public void completed(long startedAt, long endedAt) {
    latencies.recordValue(Math.min(endedAt - startedAt, HIGHEST_NANOS));
    if (endedAt - deadline <= 0) {
      calls++;
    }
  }

  /** Counts an answer that is not what was stored. */
  public void wrong(String description) {
    wrong++;
    if (problem == null) {
      problem = "wrong answer: " + description;
    }
  }

  void failed(Throwable failure) {
    // A failure explains more than a wrong answer before it, and there is only one of it.
    problem = "failed: " + failure;
  }

  Histogram latencies() {
    return latencies;
  }

  long calls() {
    return calls;
  }

  long wrongAnswers() {
    return wrong;
  }

  @Nullable String problem() {
    return problem;
  }
}
