package io.howdah.kv;

import org.jspecify.annotations.Nullable;

/**
 * A value, or a patch, that is sent: exactly one of the two is set.
 *
 * @param size how many bytes it has in the database, at most
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KvValue(@Nullable String json, byte @Nullable [] bytes, int size) {
  /** The least that {@code howdah.max_value_bytes} can be. */
  private static final int LEAST_DATABASE_LIMIT = 2 << 20;

  /** Whether the limit of the database, which is not known here, may be below its size. */
  boolean mayBeOverTheDatabasesLimit() {
    return size > LEAST_DATABASE_LIMIT;
  }
}
