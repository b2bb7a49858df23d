package io.howdah.cache;

import io.howdah.Codec;
import org.jspecify.annotations.Nullable;

/**
 * What a cache has for a key.
 *
 * @param value its stored form; null: there is nothing to be computed
 * @param freshFor microseconds from when it was asked for; 0 or less: it is stale
 * @param liveFor microseconds from then until it is gone
 */
record Found(Codec.@Nullable Encoded value, long freshFor, long liveFor) {
  /** A value that was just computed. */
  static Found computed(Codec.@Nullable Encoded value) {
    return new Found(value, 1, 1);
  }

  boolean isStale() {
    return freshFor <= 0;
  }
}
