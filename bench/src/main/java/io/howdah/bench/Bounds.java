package io.howdah.bench;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;

/** Checks the numbers of the command line. */
final class Bounds {

  private Bounds() {}

  /**
   * The value.
   *
   * @throws IllegalArgumentException when it is out of its bounds; the message names the option
   */
  @CanIgnoreReturnValue
  static double check(String option, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          "%s must be between %s and %s, was %s"
              .formatted(option, plain(min), plain(max), plain(value)));
    }
    return value;
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }
}
