package io.howdah.kv;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.sweep.Marks;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of its namespace: makes checked arguments of keys and values, and values of
 * what is stored.
 */
final class Shape<V> {
  final String namespace;
  final Codec<V> codec;
  final int valueLimit;
  private final Marks marks;

  Shape(String namespace, Codec<V> codec, int valueLimit, Marks marks) {
    this.namespace = KvLimits.namespace(namespace);
    this.codec = codec;
    this.valueLimit = valueLimit;
    this.marks = marks;
  }

  KvArguments key(String key) {
    return KvArguments.of(new KvKey(namespace, KvLimits.key(key)));
  }

  KvArguments number(String key, @Nullable Long number) {
    return KvArguments.ofNumber(new KvKey(namespace, KvLimits.key(key)), number);
  }

  KvArguments value(String key, V value, @Nullable Duration ttl) {
    return value(key, value, ttl, null);
  }

  KvArguments value(String key, V value, @Nullable Duration ttl, @Nullable Long expected) {
    KvKey row = new KvKey(namespace, KvLimits.key(key));
    if (value == null) {
      throw new InvalidArgumentException(
          "value", "value: a value expected, got null; delete(key) makes a key absent");
    }
    KvValue encoded = KvLimits.value(codec.encode(value), valueLimit);
    return new KvArguments(row, encoded, KvLimits.ttlMicros(ttl), expected);
  }

  KvArguments end(String key, @Nullable Duration ttl) {
    if (ttl == null) {
      throw new InvalidArgumentException(
          "ttl", "ttl: a duration expected, got null; persist(key) takes the end away");
    }
    return new KvArguments(
        new KvKey(namespace, KvLimits.key(key)), null, KvLimits.ttlMicros(ttl), null);
  }

  KvArguments patch(String key, String patch) {
    if (codec.kind() == Codec.Kind.BYTES) {
      throw new HowdahException(
          ErrorCode.WRONG_KIND,
          "patch: the codec of this store makes bytes, only JSON can be patched");
    }
    return new KvArguments(
        new KvKey(namespace, KvLimits.key(key)),
        KvLimits.json("patch", patch, valueLimit),
        null,
        null);
  }

  KvOperation<@Nullable Stored> get() {
    return switch (codec.kind()) {
      case JSON -> KvOperations.GET;
      case BYTES -> KvOperations.GET_BYTES;
      case EITHER -> KvOperations.GET_EITHER;
    };
  }

  KvOperation<@Nullable Stored> exchange() {
    return switch (codec.kind()) {
      case JSON -> KvOperations.EXCHANGE;
      case BYTES -> KvOperations.EXCHANGE_BYTES;
      case EITHER -> KvOperations.EXCHANGE_EITHER;
    };
  }

  KvOperation<@Nullable Stored> take() {
    return switch (codec.kind()) {
      case JSON -> KvOperations.TAKE;
      case BYTES -> KvOperations.TAKE_BYTES;
      case EITHER -> KvOperations.TAKE_EITHER;
    };
  }

  /** What a read has found, if anything. */
  <S> @Nullable S found(String key, @Nullable S stored) {
    if (stored != null) {
      marks.hit(namespace, key);
    }
    return stored;
  }

  Optional<V> decode(String key, @Nullable Stored stored) {
    return stored == null ? Optional.empty() : Optional.of(decodePresent(key, stored));
  }

  V decodePresent(String key, Stored stored) {
    Codec.Encoded encoded = stored.encoded();
    if (codec.kind() != Codec.Kind.EITHER && encoded.kind() != codec.kind()) {
      throw new HowdahException(
          ErrorCode.WRONG_KIND,
          "value of '"
              + key
              + "' in namespace '"
              + namespace
              + "' is "
              + encoded.kind()
              + ", not "
              + codec.kind());
    }
    return codec.decode(encoded);
  }

  Optional<Entry<V>> entry(String key, @Nullable StoredEntry found) {
    if (found == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Entry<>(
            key,
            decodePresent(key, found.stored()),
            found.stored().version(),
            Optional.ofNullable(found.expiresAt()),
            found.createdAt(),
            found.updatedAt(),
            timeToLive(found.ttlMicros())));
  }

  static Optional<Duration> timeToLive(@Nullable Long micros) {
    return micros == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.multiplyExact(micros, 1_000L)));
  }
}
