package io.howdah;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks of arguments, before anything is sent. For the workloads; applications need it not. */
public final class Arguments {
  public static final Duration LONGEST = Duration.ofDays(36_500);

  private static final Duration SHORTEST = Duration.ofNanos(1_000);

  private Arguments() {}

  /**
   * A text that Postgres can store, of 1 to {@code limit} bytes of UTF-8.
   *
   * @throws InvalidArgumentException when it is not
   */
  public static String text(String argument, @Nullable String text, int limit) {
    if (text == null) {
      throw new InvalidArgumentException(
          argument, argument + ": 1 to " + limit + " bytes expected, got null");
    }
    long length = utf8Length(argument, text);
    if (length < 1 || length > limit) {
      throw new InvalidArgumentException(
          argument, argument + ": 1 to " + limit + " bytes expected, got " + length);
    }
    return text;
  }

  /**
   * How many bytes of UTF-8 a text has.
   *
   * @throws InvalidArgumentException when Postgres cannot store it
   */
  public static long utf8Length(String argument, String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw new InvalidArgumentException(
            argument,
            argument + ": Postgres cannot store the character U+0000, found at index " + i);
      } else if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new InvalidArgumentException(
            argument, argument + ": half of a surrogate pair found at index " + i);
      }
    }
    return bytes;
  }

  /**
   * A duration in microseconds, which is what Postgres counts in: 1 to 36,500 days.
   *
   * @throws InvalidArgumentException when it is not
   */
  public static long micros(String argument, @Nullable Duration duration) {
    if (duration == null || duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0) {
      throw new InvalidArgumentException(
          argument, argument + ": 1 microsecond to 36500 days expected, got " + duration);
    }
    return duration.toNanos() / 1_000;
  }

  /**
   * A whole number of at least 1.
   *
   * @throws InvalidArgumentException when it is less
   */
  public static long positive(String argument, long number) {
    if (number < 1) {
      throw new InvalidArgumentException(
          argument, argument + ": 1 or more expected, got " + number);
    }
    return number;
  }
}
