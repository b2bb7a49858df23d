package io.howdah.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * What a cache has for a key.
 *
 * @param value empty: it is known that there is nothing
 * @param isStale whether its time to live is over, so that it should be computed anew
 * @param freshFor how long it is fresh, from when it was asked for; zero where it is stale
 */
public record CacheEntry<V>(Optional<V> value, boolean isStale, Duration freshFor) {}
