package io.howdah.bench.measure;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What one contestant did in one round.
 *
 * @param number the round, from 0
 * @param position the contestant's place in the order of that round, from 0
 * @param calls how many calls were answered within the round
 * @param nanos how long the round took
 * @param latencies of all calls, in nanoseconds
 * @param wrongAnswers how many answers were not what had been stored
 * @param problems one line for each thread that saw a wrong answer or a failure, without repeats
 */
public record Round(
    int number,
    int position,
    long calls,
    long nanos,
    Histogram latencies,
    long wrongAnswers,
    List<String> problems) {

  /** The median latency, in microseconds. */
  public double medianMicros() {
    return Latencies.of(latencies).p50();
  }

  /** Calls answered per second. */
  public double callsPerSecond() {
    return calls * (double) TimeUnit.SECONDS.toNanos(1) / nanos;
  }
}
