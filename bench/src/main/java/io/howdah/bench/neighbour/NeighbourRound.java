package io.howdah.bench.neighbour;

import io.howdah.bench.measure.Latencies;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/**
 * One round of one case.
 *
 * @param number the round, from 0
 * @param position the place of the case in the order of that round, from 0
 * @param seconds how long it was
 * @param latencies of pgbench's transactions, in nanoseconds, from when each was due
 * @param serverCores processors that Postgres kept busy, all its processes together; empty where
 *     that is not known
 * @param clientCores processors that this program kept busy, which calls Howdah
 * @param calls how many calls Howdah answered
 * @param callLatencies of those calls, in nanoseconds, from when each was due
 * @param walBytes what the server wrote to its log, whoever asked for it
 */
public record NeighbourRound(
    int number,
    int position,
    double seconds,
    Histogram latencies,
    OptionalDouble serverCores,
    double clientCores,
    long calls,
    Histogram callLatencies,
    long walBytes) {

  /** Transactions of pgbench per second. */
  public double transactionsPerSecond() {
    return latencies.getTotalCount() / seconds;
  }

  /** Howdah's calls per second. */
  public double callsPerSecond() {
    return calls / seconds;
  }

  /** Latencies of the transactions. */
  public Latencies transactionLatencies() {
    return Latencies.of(latencies);
  }
}
