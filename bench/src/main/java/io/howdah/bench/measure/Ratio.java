package io.howdah.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How many times the figure of its baseline a contestant has. Each round is divided by the
 * baseline's same round, which ran seconds apart from it: a machine that changes its speed over the
 * minutes of a case then cancels out.
 *
 * @param baseline the name of the contestant that is divided by
 * @param rounds the quotient of each round
 */
public record Ratio(String baseline, List<Double> rounds) {

  /**
   * Compares two results of one case; empty when they have no round in common.
   *
   * @param figure what is compared
   */
  public static Optional<Ratio> of(
      CaseResult result, CaseResult baseline, ToDoubleFunction<Round> figure) {
    List<Double> quotients = new ArrayList<>();
    for (Round round : result.rounds()) {
      for (Round other : baseline.rounds()) {
        double divisor = figure.applyAsDouble(other);
        if (round.number() == other.number() && divisor > 0) {
          quotients.add(figure.applyAsDouble(round) / divisor);
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
