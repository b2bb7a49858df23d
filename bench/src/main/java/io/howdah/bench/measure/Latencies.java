package io.howdah.bench.measure;

import org.HdrHistogram.Histogram;

/** The latencies of one contestant, in microseconds. */
public record Latencies(double mean, double p50, double p99, double p999, double max) {

  private static final double NANOS_PER_MICRO = 1_000;

  /** Reads them off a histogram of nanoseconds; all zero when it is empty. */
  public static Latencies of(Histogram nanos) {
    return new Latencies(
        nanos.getTotalCount() == 0 ? 0 : nanos.getMean() / NANOS_PER_MICRO,
        micros(nanos.getValueAtPercentile(50)),
        micros(nanos.getValueAtPercentile(99)),
        micros(nanos.getValueAtPercentile(99.9)),
        micros(nanos.getMaxValue()));
  }

  private static double micros(long nanos) {
    return nanos / NANOS_PER_MICRO;
  }
}
