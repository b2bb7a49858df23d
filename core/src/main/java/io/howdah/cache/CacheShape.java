package io.howdah.cache;

import io.howdah.Arguments;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.JsonText;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Makes checked arguments of keys and values, and values of what is stored. */
final class CacheShape<V> {
  private static final int NAME_BYTES = 64;
  private static final int KEY_BYTES = 1_024;
  private static final int TAG_BYTES = 256;
  private static final int MOST_TAGS = 32;

  /** Of one call. */
  private static final int MOST_KEYS = 10_000;

  final String cache;
  private final Codec<V> codec;
  private final int valueLimit;

  CacheShape(String cache, Codec<V> codec, int valueLimit) {
    this.cache = name(cache);
    this.codec = codec;
    this.valueLimit = valueLimit;
  }

  static String name(String name) {
    return Arguments.text("name", name, NAME_BYTES);
  }

  static String tag(String tag) {
    return Arguments.text("tag", tag, TAG_BYTES);
  }

  static List<String> tags(List<String> tags) {
    List<String> distinct = tags.stream().map(CacheShape::tag).distinct().toList();
    if (distinct.size() > MOST_TAGS) {
      throw new InvalidArgumentException(
          "tags", "tags: at most " + MOST_TAGS + " expected, got " + distinct.size());
    }
    return distinct;
  }

  CacheKey key(String key) {
    return new CacheKey(cache, Arguments.text("key", key, KEY_BYTES));
  }

  /** Each once. */
  List<String> keys(Collection<String> keys) {
    List<String> distinct = keys.stream().map(key -> key(key).key()).distinct().toList();
    if (distinct.size() > MOST_KEYS) {
      throw new InvalidArgumentException(
          "keys", "keys: at most " + MOST_KEYS + " expected, got " + distinct.size());
    }
    return distinct;
  }

  Found encode(V value) {
    if (value == null) {
      throw new InvalidArgumentException(
          "value", "value: a value expected, got null; evict(key) makes a key absent");
    }
    Codec.Encoded encoded = codec.encode(value);
    String json = encoded.json();
    byte[] bytes = encoded.bytes();
    long size = json != null ? JsonText.size("value", json) : bytes == null ? -1 : bytes.length;
    if (size < 0) {
      throw new InvalidArgumentException(
          "value", "value: the codec has to give either JSON or bytes");
    }
    if (size > valueLimit) {
      throw new InvalidArgumentException(
          "value", "value: at most " + valueLimit + " bytes expected, got " + size);
    }
    return Found.computed(encoded);
  }

  /** Empty where it was found that there is nothing. */
  Optional<V> decode(String key, Found found) {
    Codec.Encoded value = found.value();
    return value == null ? Optional.empty() : Optional.of(decode(key, value));
  }

  private V decode(String key, Codec.Encoded value) {
    if (codec.kind() != Codec.Kind.EITHER && value.kind() != codec.kind()) {
      throw new HowdahException(
          ErrorCode.WRONG_KIND,
          "value of '"
              + key
              + "' in cache '"
              + cache
              + "' is "
              + value.kind()
              + ", not "
              + codec.kind());
    }
    return codec.decode(value);
  }
}
