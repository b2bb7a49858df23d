package io.howdah.bench.churn;

import io.howdah.bench.measure.Latencies;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What happened between two moments of the steady load.
 *
 * @param phase in which part of the run
 * @param atSeconds its end, from the beginning of the measured load
 * @param callsPerSecond calls answered
 * @param latencies of those calls, from when each was due
 * @param serverMicrosPerCall processor time of all processes of Postgres for each call; empty where
 *     it is not known
 * @param tables how large they were at its end
 */
public record ChurnSample(
    Phase phase,
    double atSeconds,
    double callsPerSecond,
    Latencies latencies,
    OptionalDouble serverMicrosPerCall,
    List<TableSample> tables) {

  /** A part of the run. */
  public enum Phase {
    /** The load that is measured; with the snapshot held, if one is. */
    STEADY,
    /** The same load after the snapshot was released. */
    RECOVERY
  }
}
