package io.howdah.kv;

import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of arguments, checked before anything is sent. The tables and functions hold them too.
 */
public final class KvLimits {
  public static final int NAMESPACE_BYTES = 64;
  public static final int KEY_BYTES = 1024;

  /** The default; {@code howdah.max_value_bytes} is the database's own limit. */
  public static final int VALUE_BYTES = 16 << 20;

  public static final Duration LONGEST_TTL = Duration.ofDays(36_500);

  private KvLimits() {}

  static String namespace(@Nullable String namespace) {
    return name("namespace", namespace, NAMESPACE_BYTES);
  }

  static String key(@Nullable String key) {
    return name("key", key, KEY_BYTES);
  }

  private static String name(String argument, @Nullable String text, int limit) {
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

  /** A part of a key, or where a page begins: any text, also an empty one. */
  static String text(String argument, @Nullable String text) {
    if (text == null) {
      throw new InvalidArgumentException(
          argument, argument + ": a text expected, got null; \"\" is where none is wanted");
    }
    long unused = utf8Length(argument, text);
    return text;
  }

  /** What Postgres can store as text, and how long it is there. */
  private static long utf8Length(String argument, String text) {
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

  static KvValue value(Codec.@Nullable Encoded value, int limit) {
    if (value == null) {
      throw new InvalidArgumentException(
          "value", "value: a value expected, got null; delete(key) makes a key absent");
    }
    String json = value.json();
    byte[] bytes = value.bytes();
    if ((json == null) == (bytes == null)) {
      throw new InvalidArgumentException(
          "value", "value: the codec has to give either JSON or bytes");
    }
    return sized("value", json, bytes, limit);
  }

  static KvValue json(String argument, @Nullable String json, int limit) {
    if (json == null) {
      throw new InvalidArgumentException(argument, argument + ": a JSON text expected, got null");
    }
    return sized(argument, json, null, limit);
  }

  private static KvValue sized(
      String argument, @Nullable String json, byte @Nullable [] bytes, int limit) {
    long size = json != null ? JsonText.size(argument, json) : bytes == null ? 0 : bytes.length;
    if (size > limit) {
      throw new InvalidArgumentException(
          argument, argument + ": at most " + limit + " bytes expected, got " + size);
    }
    return new KvValue(json, bytes, (int) size);
  }

  static @Nullable Long ttlMicros(@Nullable Duration ttl) {
    if (ttl == null) {
      return null;
    }
    if (ttl.isNegative() || ttl.compareTo(LONGEST_TTL) > 0 || ttl.toNanos() < 1_000) {
      throw new InvalidArgumentException(
          "ttl", "ttl: 1 microsecond to 36500 days expected, got " + ttl);
    }
    return ttl.toNanos() / 1_000;
  }

  static int pageSize(int maxRows) {
    if (maxRows < 1 || maxRows > 10_000) {
      throw new InvalidArgumentException("maxRows", "maxRows: 1 to 10000 expected, got " + maxRows);
    }
    return maxRows;
  }
}
