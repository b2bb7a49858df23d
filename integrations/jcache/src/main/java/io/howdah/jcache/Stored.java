package io.howdah.jcache;

import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is stored under a key: the value's bytes, and the text of a key that is too long to be the
 * key itself.
 *
 * <p>As bytes: the format (1), the length of the key's text in bytes (4, big-endian), that text,
 * and the value.
 *
 * @param longKey null where the key is stored as itself
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Stored(@Nullable String longKey, byte[] value) {
  private static final byte FORMAT = 1;
  private static final int HEAD = 1 + Integer.BYTES;

  /** Holds the place of an absent entry while a transaction has it locked: never committed. */
  static final Stored PLACEHOLDER = new Stored(null, new byte[0]);

  static final Codec<Stored> CODEC = new StoredCodec();

  private static final class StoredCodec implements Codec<Stored> {
    @Override
    public Kind kind() {
      return Kind.BYTES;
    }

    @Override
    public Encoded encode(Stored stored) {
      byte[] key =
          stored.longKey == null ? new byte[0] : stored.longKey.getBytes(StandardCharsets.UTF_8);
      return Encoded.bytes(
          ByteBuffer.allocate(HEAD + key.length + stored.value.length)
              .put(FORMAT)
              .putInt(key.length)
              .put(key)
              .put(stored.value)
              .array());
    }

    @Override
    public Stored decode(Encoded encoded) {
      byte[] bytes = Objects.requireNonNull(encoded.bytes());
      if (bytes.length < HEAD || bytes[0] != FORMAT) {
        throw new HowdahException(ErrorCode.CODEC, "this value was not written by a JCache cache");
      }
      int length = ByteBuffer.wrap(bytes).getInt(1);
      if (length < 0 || length > bytes.length - HEAD) {
        throw new HowdahException(ErrorCode.CODEC, "this value of a JCache cache is damaged");
      }
      return new Stored(
          length == 0 ? null : new String(bytes, HEAD, length, StandardCharsets.UTF_8),
          Arrays.copyOfRange(bytes, HEAD + length, bytes.length));
    }
  }
}
