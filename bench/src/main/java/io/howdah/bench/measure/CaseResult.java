package io.howdah.bench.measure;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * All that one contestant did in one case.
 *
 * @param measured the case
 * @param profile the contestant
 * @param rounds in the order in which they were run; none when the contestant could not connect
 * @param problems wrong answers and failures, without repeats; a result that has any is void
 */
public record CaseResult(
    Case measured, Profile profile, List<Round> rounds, List<String> problems) {

  /** Whether every call was answered, and rightly. */
  public boolean isValid() {
    return problems.isEmpty() && !rounds.isEmpty();
  }

  /** Calls per second over the rounds. */
  public Spread throughput() {
    return Spread.of(rounds.stream().map(Round::callsPerSecond).toList());
  }

  /**
   * Latencies over all calls of all rounds: percentiles of the whole, not a mean of percentiles.
   */
  public Latencies latencies() {
    Histogram merged = CallRecorder.newHistogram();
    rounds.forEach(round -> merged.add(round.latencies()));
    return Latencies.of(merged);
  }

  /** How many answers were not what had been stored. */
  public long wrongAnswers() {
    return rounds.stream().mapToLong(Round::wrongAnswers).sum();
  }
}
