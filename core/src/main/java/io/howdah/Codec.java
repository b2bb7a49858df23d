package io.howdah;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;

/**
 * Turns values into what is stored, and back: JSON, which SQL can look into, or bytes, which stay
 * as they are. A codec has one kind for all its values, but for {@link #either}.
 *
 * <p>Encoding and decoding run on the calling thread. Implementations are thread-safe.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {
  /**
   * The stored form of a value.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} when the value cannot be encoded
   */
  Encoded encode(V value);

  /**
   * The value of a stored form of the codec's own kind.
   *
   * @throws HowdahException with {@link ErrorCode#CODEC} when it cannot be decoded
   */
  V decode(Encoded stored);

  /** Which kind {@link #encode} makes, and {@link #decode} reads. */
  Kind kind();

  /** The two kinds of stored values, and what a codec has that takes both. */
  enum Kind {
    JSON,
    BYTES,
    EITHER
  }

  /**
   * A stored form: exactly one of the two is set.
   *
   * @param json a JSON text
   * @param bytes bytes; not copied, so do not change them
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Encoded(@Nullable String json, byte @Nullable [] bytes) {
    public static Encoded json(String json) {
      return new Encoded(json, null);
    }

    public static Encoded bytes(byte[] bytes) {
      return new Encoded(null, bytes);
    }

    /** Never {@link Kind#EITHER}. */
    public Kind kind() {
      return json != null ? Kind.JSON : Kind.BYTES;
    }
  }

  /** JSON by Jackson. */
  static <V> Codec<V> json(ObjectMapper mapper, Type type) {
    JavaType javaType = mapper.constructType(type);
    return new JacksonCodec<>(
        mapper.writerFor(javaType), mapper.readerFor(javaType), javaType.toString());
  }

  /**
   * Values that are JSON texts already, stored as JSON. What comes back is as Postgres writes it:
   * keys in its order, spaces its own.
   */
  static Codec<String> rawJson() {
    return RawCodec.JSON;
  }

  /** Bytes as they are. */
  static Codec<byte[]> bytes() {
    return RawCodec.BYTES;
  }

  /**
   * The stored forms themselves, for callers that take values of both kinds as they come: JSON as
   * {@link #rawJson} has it, bytes as {@link #bytes} has them. Nothing is of the wrong kind.
   */
  static Codec<Encoded> either() {
    return RawCodec.EITHER;
  }
}
