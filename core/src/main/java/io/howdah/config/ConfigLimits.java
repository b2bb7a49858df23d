package io.howdah.config;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import org.jspecify.annotations.Nullable;

/** The limits of config.sql, checked before anything is sent. */
final class ConfigLimits {
  private static final int NAMESPACE_BYTES = 64;
  private static final int KEY_BYTES = 256;
  private static final int CHANGED_BY_BYTES = 256;
  private static final int REASON_BYTES = 4_096;
  private static final int VALUE_BYTES = 65_536;

  private ConfigLimits() {}

  static String namespace(String namespace) {
    return Arguments.text("namespace", namespace, NAMESPACE_BYTES);
  }

  static String key(String argument, String key) {
    return Arguments.text(argument, key, KEY_BYTES);
  }

  static String changedBy(String changedBy) {
    return Arguments.text("changedBy", changedBy, CHANGED_BY_BYTES);
  }

  /** An empty one is none. */
  static @Nullable String reason(@Nullable String reason) {
    return reason == null || reason.isEmpty()
        ? null
        : Arguments.text("reason", reason, REASON_BYTES);
  }

  static String json(String json) {
    long size = JsonText.size("value", json);
    if (size > VALUE_BYTES) {
      throw new InvalidArgumentException(
          "value", "value: at most " + VALUE_BYTES + " bytes expected, got " + size);
    }
    return json;
  }
}
