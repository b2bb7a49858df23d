package io.howdah.kv;

import io.howdah.Arguments;
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

  public static final Duration LONGEST_TTL = Arguments.LONGEST;

  private KvLimits() {}

  static String namespace(@Nullable String namespace) {
    return Arguments.text("namespace", namespace, NAMESPACE_BYTES);
  }

  static String key(@Nullable String key) {
    return Arguments.text("key", key, KEY_BYTES);
  }

  /** A part of a key, or where a page begins: any text, also an empty one. */
  static String text(String argument, @Nullable String text) {
    if (text == null) {
      throw new InvalidArgumentException(
          argument, argument + ": a text expected, got null; \"\" is where none is wanted");
    }
    long unused = Arguments.utf8Length(argument, text);
    return text;
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
    return ttl == null ? null : Long.valueOf(Arguments.micros("ttl", ttl));
  }

  static int pageSize(int maxRows) {
    if (maxRows < 1 || maxRows > 10_000) {
      throw new InvalidArgumentException("maxRows", "maxRows: 1 to 10000 expected, got " + maxRows);
    }
    return maxRows;
  }
}
