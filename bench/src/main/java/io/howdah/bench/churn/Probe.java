package io.howdah.bench.churn;

/**
 * A short run at full speed.
 *
 * @param phase in which part of the run
 * @param atSeconds its beginning, from the beginning of the measured load
 * @param callsPerSecond calls answered
 */
public record Probe(ChurnSample.Phase phase, double atSeconds, double callsPerSecond) {}
