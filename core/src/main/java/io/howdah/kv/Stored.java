package io.howdah.kv;

import io.howdah.Codec;
import org.jspecify.annotations.Nullable;

/**
 * A value as it came from the database: JSON or bytes, and its version, 0 where that was not asked
 * for.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Stored(@Nullable String json, byte @Nullable [] bytes, long version) {
  /** What stands for a value that is too large to come with others. */
  static final Stored TOO_LARGE = new Stored(null, null, 0);

  boolean isTooLarge() {
    return json == null && bytes == null;
  }

  /** In characters or bytes. */
  int size() {
    return (json == null ? 0 : json.length()) + (bytes == null ? 0 : bytes.length);
  }

  Codec.Encoded encoded() {
    return new Codec.Encoded(json, bytes);
  }
}
