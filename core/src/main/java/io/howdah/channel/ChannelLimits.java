package io.howdah.channel;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import org.jspecify.annotations.Nullable;

/** How large names and messages may be. */
public final class ChannelLimits {
  public static final int CHANNEL_BYTES = 256;
  public static final int PAYLOAD_BYTES = 1 << 20;
  public static final int MOST_ROWS = 10_000;

  private static final int CURSOR_BYTES = 100;

  private ChannelLimits() {}

  static String channel(@Nullable String channel) {
    return Arguments.text("channel", channel, CHANNEL_BYTES);
  }

  static String pattern(@Nullable String pattern) {
    return Arguments.text("pattern", pattern, CHANNEL_BYTES);
  }

  static String payload(@Nullable String payload) {
    String got = payload == null ? "null" : null;
    if (payload != null) {
      long bytes = Arguments.utf8Length("payload", payload);
      got = bytes > PAYLOAD_BYTES ? Long.toString(bytes) : null;
    }
    if (payload == null || got != null) {
      throw new InvalidArgumentException(
          "payload", "payload: at most " + PAYLOAD_BYTES + " bytes expected, got " + got);
    }
    return payload;
  }

  /** Null and empty are the beginning. */
  static @Nullable String cursor(@Nullable String cursor) {
    return cursor == null || cursor.isEmpty()
        ? null
        : Arguments.text("cursor", cursor, CURSOR_BYTES);
  }

  static int maxRows(int maxRows) {
    if (maxRows < 1 || maxRows > MOST_ROWS) {
      throw new InvalidArgumentException(
          "maxRows", "maxRows: 1 to " + MOST_ROWS + " expected, got " + maxRows);
    }
    return maxRows;
  }
}
