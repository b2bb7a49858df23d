package io.howdah.bench;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.bench.measure.Durability;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Checks the numbers and the names of the command line. */
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

  /**
   * The constant of this name, in lower case.
   *
   * @throws IllegalArgumentException when there is none; the message names the option and all names
   */
  static <E extends Enum<E>> E constant(String option, E[] constants, String name) {
    return Arrays.stream(constants)
        .filter(each -> name(each).equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s must be of %s, was '%s'"
                    .formatted(
                        option,
                        Arrays.stream(constants)
                            .map(Bounds::name)
                            .collect(Collectors.joining(", ")),
                        name)));
  }

  /** The durability of this name. */
  static Durability level(String option, String name) {
    return constant(option, Durability.values(), name);
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }
}
