package io.howdah.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How many times the calls of its baseline a contestant answers. Each round is divided by the
 * baseline's same round, which ran seconds apart from it: a machine that changes its speed over the
 * minutes of a case then cancels out.
 *
 * @param baseline the name of the contestant that is divided by
 * @param rounds the quotient of each round
 */
public record Ratio(String baseline, List<Double> rounds) {

  /** Compares two results of one case; empty when they have no round in common. */
  public static Optional<Ratio> of(CaseResult result, CaseResult baseline) {
    List<Double> quotients = new ArrayList<>();
    for (Round round : result.rounds()) {
      for (Round other : baseline.rounds()) {
        if (round.number() == other.number() && other.calls() > 0) {
          quotients.add(round.callsPerSecond() / other.callsPerSecond());
        }
      }
    }
    return quotients.isEmpty()
        ? Optional.empty()
        : Optional.of(new Ratio(baseline.profile().name(), List.copyOf(quotients)));
  }

  /** The median quotient, with the smallest and the largest. */
  public Spread spread() {
    return Spread.of(rounds);
  }
}
