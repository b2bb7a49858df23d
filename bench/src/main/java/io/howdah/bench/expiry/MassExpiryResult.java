package io.howdah.bench.expiry;

import io.howdah.bench.measure.Latencies;
import java.util.List;

/**
 * Many values that ended at once.
 *
 * @param rows how many
 * @param seconds from their end until the last row was removed
 * @param left how many were left over time
 * @param sweeps how long the sweeper's statements took in that time, as their caller saw it
 * @param sweepStatements how many there were
 * @param slowSweeps those of more than {@value #SLOW_MILLIS} ms
 * @param readsBefore latencies of reads before the end, from when each was due
 * @param readsMeanwhile the same while rows were removed
 * @param readsPerSecond reads that were answered meanwhile
 * @param refreshed how many values had been refreshed before the end
 * @param refreshedLeft how many of those were there afterwards
 */
public record MassExpiryResult(
    long rows,
    double seconds,
    List<Left> left,
    Latencies sweeps,
    long sweepStatements,
    long slowSweeps,
    Latencies readsBefore,
    Latencies readsMeanwhile,
    double readsPerSecond,
    long refreshed,
    long refreshedLeft) {

  /** The longest that a sweeping statement should take. */
  public static final int SLOW_MILLIS = 100;

  /** Rows removed per second. */
  public double rowsPerSecond() {
    return rows / seconds;
  }

  /**
   * How many dead rows there were at a moment.
   *
   * @param atSeconds from the moment at which the values ended
   */
  public record Left(double atSeconds, long rows) {}
}
