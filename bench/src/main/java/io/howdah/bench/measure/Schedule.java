package io.howdah.bench.measure;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long a case takes.
 *
 * @param rounds how many rounds each contestant plays
 * @param round the length of one
 * @param firstWarmup how long each contestant runs unmeasured before the first round of a case, so
 *     that all code has been compiled for this number of threads
 * @param warmup how long it runs unmeasured right before each of its rounds, so that it finds the
 *     caches as it would have left them
 */
public record Schedule(int rounds, Duration round, Duration firstWarmup, Duration warmup) {

  /** The time that one contestant takes in one case, connecting aside. */
  public Duration perContestant() {
    return firstWarmup.plus(perRound().multipliedBy(rounds));
  }

  /** The schedule in the words of the command line. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("rounds", Integer.toString(rounds));
    options.put("seconds", seconds(round));
    options.put("first-warmup", seconds(firstWarmup));
    options.put("warmup", seconds(warmup));
    return options;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1_000 == 0
        ? Long.toString(duration.toSeconds())
        : BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
  }

  /** The time that one contestant takes in one round. */
  public Duration perRound() {
    return warmup.plus(round);
  }
}
