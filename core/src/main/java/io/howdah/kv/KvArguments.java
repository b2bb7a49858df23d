package io.howdah.kv;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of a call on one key; each operation uses its own.
 *
 * @param key the row
 * @param value the value or patch
 * @param ttlMicros the time to live; null for none
 * @param number the expected version, or what to add
 * @param merged how many calls they stand for
 */
record KvArguments(
    KvKey key,
    @Nullable KvValue value,
    @Nullable Long ttlMicros,
    @Nullable Long number,
    int merged) {
  /** As many versions as one statement may hand out for a key: see _kv_version in kv_rules.sql. */
  private static final int MOST_MERGED = 64;

  KvArguments(KvKey key, @Nullable KvValue value, @Nullable Long ttlMicros, @Nullable Long number) {
    this(key, value, ttlMicros, number, 1);
  }

  static KvArguments of(KvKey key) {
    return new KvArguments(key, null, null, null);
  }

  static KvArguments ofNumber(KvKey key, @Nullable Long number) {
    return new KvArguments(key, null, null, number);
  }

  /**
   * These arguments, for a statement in which an earlier call on the key is overwritten; null when
   * that one has to be sent, since the database may refuse it.
   */
  @Nullable KvArguments insteadOf(KvArguments earlier) {
    boolean certain = earlier.value == null || !earlier.value.mayBeOverTheDatabasesLimit();
    return certain && earlier.merged + merged <= MOST_MERGED
        ? new KvArguments(key, value, ttlMicros, number, earlier.merged + merged)
        : null;
  }

  @Nullable String json() {
    return value == null ? null : value.json();
  }

  byte @Nullable [] bytes() {
    return value == null ? null : value.bytes();
  }

  /** About how many bytes they take on the wire. */
  int weight() {
    return 64 + (value == null ? 0 : value.size());
  }
}
