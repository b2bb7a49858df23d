package io.howdah.kv;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call on one key; each operation uses its own.
 *
 * @param key the row
 * @param json the value or patch as JSON
 * @param bytes the value as bytes
 * @param ttlMicros the time to live; null for none
 * @param number the expected version, or what to add
 * @param merged how many calls they stand for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KvArguments(
    KvKey key,
    @Nullable String json,
    byte @Nullable [] bytes,
    @Nullable Long ttlMicros,
    @Nullable Long number,
    int merged) {

  KvArguments(
      KvKey key,
      @Nullable String json,
      byte @Nullable [] bytes,
      @Nullable Long ttlMicros,
      @Nullable Long number) {
    this(key, json, bytes, ttlMicros, number, 1);
  }

  static KvArguments of(KvKey key) {
    return new KvArguments(key, null, null, null, null);
  }

  /** These arguments, for a statement in which an earlier call on the key has been overwritten. */
  KvArguments insteadOf(KvArguments earlier) {
    return new KvArguments(key, json, bytes, ttlMicros, number, earlier.merged + merged);
  }

  static KvArguments ofNumber(KvKey key, @Nullable Long number) {
    return new KvArguments(key, null, null, null, number);
  }

  /** About how many bytes they take on the wire. */
  int weight() {
    return 64 + (json == null ? 0 : json.length()) + (bytes == null ? 0 : bytes.length);
  }
}
