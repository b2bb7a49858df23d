package io.howdah.cache;

import io.howdah.Codec;
import org.jspecify.annotations.Nullable;

/**
 * What a cache has for a key.
 *
 * @param value its stored form; null: there is nothing to be computed
 * @param freshFor microseconds from when it was asked for; 0 or less: it is stale
 * @param liveFor microseconds from then until it is gone
 * @param number a later entry of the same key has a larger one
 * @param scopes what evicts it, where that was asked for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Found(
    Codec.@Nullable Encoded value,
    long freshFor,
    long liveFor,
    long number,
    long @Nullable [] scopes) {
  /** A value that was just computed. */
  static Found computed(Codec.@Nullable Encoded value) {
    return new Found(value, 1, 1, 0, null);
  }

  boolean isStale() {
    return freshFor <= 0;
  }
}
