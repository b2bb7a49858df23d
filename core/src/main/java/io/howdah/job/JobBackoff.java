package io.howdah.job;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a job waits after an attempt that failed: {@code first} after the first one, and each
 * time twice as long, up to {@code most}; each pause is 75 to 100 % of that at random, so that what
 * failed together does not come back together.
 *
 * @param first 1 millisecond to {@code most}
 * @param most up to 36,500 days
 */
public record JobBackoff(Duration first, Duration most) {
  /** 1 second, 2, 4 ... up to 1 hour. */
  public static final JobBackoff DEFAULT =
      new JobBackoff(Duration.ofSeconds(1), Duration.ofHours(1));

  /**
   * Checks it.
   *
   * @throws InvalidArgumentException when one of them is outside
   */
  public JobBackoff {
    if (first.compareTo(Duration.ofMillis(1)) < 0 || first.compareTo(most) > 0) {
      throw new InvalidArgumentException(
          "first", "first: 1 ms to " + most + " (most) expected, got " + first);
    }
    if (most.compareTo(Arguments.LONGEST) > 0) {
      throw new InvalidArgumentException("most", "most: at most 36500 days expected, got " + most);
    }
  }

  /** A pause after this attempt, counted from 1. */
  Duration pause(int attempt) {
    long most = most().toMillis();
    int doublings = Math.min(attempt - 1, 62);
    long first = first().toMillis();
    long whole = first > most >> doublings ? most : first << doublings;
    long least = whole - whole / 4;
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(least, whole + 1));
  }
}
