package io.howdah.flag;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The limits of flags, as flag.sql has them. */
final class FlagLimits {
  static final int DEFINITION_BYTES = 262_144;
  static final int LEVELS = 32;
  static final int USERS = 10_000;
  static final int USER_BYTES = 1_024;
  static final int GROUPS = 1_000;
  static final int GROUP_BYTES = 256;
  static final int CONDITIONS = 50;
  static final int CONDITION_VALUES = 1_000;
  static final int TEXT_BYTES = 4_096;
  static final int VARIANTS = 50;
  static final int WEIGHT = 10_000;
  static final int LABEL_BYTES = 128;
  static final int ATTRIBUTES = 200;
  static final int CONTEXT_BYTES = 1_048_576;
  static final int CHANGED_BY_BYTES = 256;
  static final int REASON_BYTES = 4_096;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final int DIGITS = 100;

  private FlagLimits() {}

  /**
   * The name of a flag, if it may be one.
   *
   * @throws InvalidArgumentException when it may not
   */
  static String name(@Nullable String name) {
    if (name == null || !NAME.matcher(name).matches()) {
      throw new InvalidArgumentException(
          "name",
          "name: 1 to 128 of A-Z, a-z, 0-9, _, . and -, not beginning with . or -, expected, got "
              + (name == null ? "null" : shortened(name)));
    }
    return name;
  }

  static String changedBy(@Nullable String changedBy) {
    return Arguments.text("changedBy", changedBy, CHANGED_BY_BYTES);
  }

  static @Nullable String reason(@Nullable String reason) {
    return reason == null || reason.isEmpty()
        ? null
        : Arguments.text("reason", reason, REASON_BYTES);
  }

  /** Whether a number is one that all who read it can hold. */
  static boolean isFit(BigDecimal number) {
    return (number.signum() == 0 || (long) number.precision() - number.scale() <= DIGITS)
        && number.scale() <= DIGITS;
  }

  static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "..." : text;
  }
}
