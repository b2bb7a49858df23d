package io.howdah.spring.cache;

import io.howdah.cache.CacheSettings;
import java.time.Duration;
import java.util.List;

/** How one cache is kept: see {@link HowdahCacheProperties}. */
record HowdahCacheSettings(
    Duration ttl,
    Duration staleFor,
    double jitter,
    boolean cacheNullValues,
    List<String> tags,
    HowdahCacheProperties.Near near,
    boolean failSoft) {
  HowdahCacheSettings {
    tags = List.copyOf(tags);
  }

  CacheSettings core() {
    return CacheSettings.defaults()
        .withTtl(ttl)
        .withStaleFor(staleFor)
        .withJitter(jitter)
        .withLoadsWhenAway(failSoft);
  }
}
