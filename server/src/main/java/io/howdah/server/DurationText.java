package io.howdah.server;

import io.howdah.InvalidArgumentException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d},
 * or ISO 8601 ({@code PT30S}).
 */
public final class DurationText {
  private static final Pattern SHORT = Pattern.compile("(\\d{1,18})(ms|s|m|h|d)");

  private DurationText() {}

  /**
   * The duration that a text says.
   *
   * @throws InvalidArgumentException naming the argument, when it says none
   */
  public static Duration parse(String argument, String text) {
    try {
      Matcher matcher = SHORT.matcher(text);
      if (matcher.matches()) {
        return Duration.of(Long.parseLong(matcher.group(1)), unit(matcher.group(2)));
      }
      if (text.startsWith("P") || text.startsWith("-P")) {
        return Duration.parse(text);
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw refuse(argument, text, e);
    }
    throw refuse(argument, text, null);
  }

  private static ChronoUnit unit(String suffix) {
    return switch (suffix) {
      case "ms" -> ChronoUnit.MILLIS;
      case "s" -> ChronoUnit.SECONDS;
      case "m" -> ChronoUnit.MINUTES;
      case "h" -> ChronoUnit.HOURS;
      default -> ChronoUnit.DAYS;
    };
  }

  /** The same the other way: the shortest of the two forms. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    if (duration.isZero() || !duration.equals(Duration.ofMillis(millis))) {
      return duration.toString();
    }
    if (millis % 86_400_000 == 0) {
      return millis / 86_400_000 + "d";
    }
    if (millis % 3_600_000 == 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
  }

  private static InvalidArgumentException refuse(
      String argument, String text, @org.jspecify.annotations.Nullable Exception cause) {
    return new InvalidArgumentException(
        argument,
        argument
            + ": a duration such as 500ms, 30s, 5m, 2h, 7d or PT30S expected, got '"
            + text
            + "'",
        cause);
  }
}
