package io.howdah.bench.measure;

import java.time.Duration;

/**
 * How long a case takes.
 *
 * @param rounds how many rounds each contestant plays
 * @param round the length of one
 * @param warmup how long each contestant runs unmeasured before the first round of each case
 */
public record Schedule(int rounds, Duration round, Duration warmup) {

  /** The time that one contestant takes in one case, connecting aside. */
  public Duration perContestant() {
    return warmup.plus(round.multipliedBy(rounds));
  }
}
