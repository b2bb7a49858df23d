package io.howdah.near;

import io.howdah.InvalidArgumentException;
import java.time.Duration;

/**
 * How a near cache keeps values in this process.
 *
 * @param maxEntries how many values it keeps at most, 1 to 10,000,000; those that take more than 64
 *     KiB are not kept
 * @param maxStaleness how old a value may be that it gives while nothing tells it of changes, 1 ms
 *     to 10 minutes. While notifications come, a change by others is seen when its notification
 *     arrives
 */
public record NearSettings(int maxEntries, Duration maxStaleness) {
  private static final int MOST_ENTRIES = 10_000_000;
  private static final Duration LEAST_STALENESS = Duration.ofMillis(1);
  private static final Duration MOST_STALENESS = Duration.ofMinutes(10);

  /**
   * Checks the limits.
   *
   * @throws InvalidArgumentException when a number is outside them
   */
  public NearSettings {
    if (maxEntries < 1 || maxEntries > MOST_ENTRIES) {
      throw new InvalidArgumentException(
          "maxEntries", "maxEntries: 1 to " + MOST_ENTRIES + " expected, got " + maxEntries);
    }
    if (maxStaleness.compareTo(LEAST_STALENESS) < 0 || maxStaleness.compareTo(MOST_STALENESS) > 0) {
      throw new InvalidArgumentException(
          "maxStaleness",
          "maxStaleness: "
              + LEAST_STALENESS
              + " to "
              + MOST_STALENESS
              + " expected, got "
              + maxStaleness);
    }
  }

  /** 10,000 values; a second. */
  public static NearSettings defaults() {
    return new NearSettings(10_000, Duration.ofSeconds(1));
  }

  public NearSettings withMaxEntries(int entries) {
    return new NearSettings(entries, maxStaleness);
  }

  public NearSettings withMaxStaleness(Duration staleness) {
    return new NearSettings(maxEntries, staleness);
  }
}
