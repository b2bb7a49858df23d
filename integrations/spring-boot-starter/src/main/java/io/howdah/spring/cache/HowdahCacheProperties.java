package io.howdah.spring.cache;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the caches of {@code @Cacheable} are kept.
 *
 * @param enabled whether there is a cache manager on Howdah, where caching is enabled
 * @param failSoft whether a cache that cannot be reached counts as empty for reads, and puts into
 *     it are left out; evictions fail all the same. Otherwise the caller gets the exception
 * @param allowedTypes classes, and packages with those below them, that may be read from a cache,
 *     besides the application's own packages and the value types of the JDK
 * @param ttl how long a value is fresh
 * @param staleFor for how long after that it is given while {@code sync = true} computes a new one
 * @param jitter by which share of its time to live a value that {@code sync = true} computes may
 *     end earlier, 0 to 1
 * @param cacheNullValues whether it is kept that a method returned null
 * @param tags of each entry, by which it is evicted; {@code {key}} in one is the entry's key
 * @param near how values are kept in the heap as well
 * @param caches settings of single caches, by name; what one does not say is as above
 */
@ConfigurationProperties("howdah.cache")
public record HowdahCacheProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("false") boolean failSoft,
    @DefaultValue List<String> allowedTypes,
    @DefaultValue("10m") Duration ttl,
    @DefaultValue("0s") Duration staleFor,
    @DefaultValue("0.1") double jitter,
    @DefaultValue("true") boolean cacheNullValues,
    @DefaultValue List<String> tags,
    @DefaultValue Near near,
    @DefaultValue Map<String, One> caches) {

  /**
   * A near cache.
   *
   * @param enabled whether there is one
   * @param maxEntries how many values it keeps
   * @param maxStaleness how old a value may be that it gives while nothing tells it of changes
   */
  public record Near(
      @DefaultValue("false") boolean enabled,
      @DefaultValue("10000") int maxEntries,
      @DefaultValue("1s") Duration maxStaleness) {}

  /**
   * Settings of one cache.
   *
   * @param ttl how long a value is fresh
   * @param staleFor for how long after that it is given while {@code sync = true} computes a new
   *     one
   * @param jitter by which share of its time to live a computed value may end earlier
   * @param cacheNullValues whether it is kept that a method returned null
   * @param tags of each entry
   * @param near how values are kept in the heap as well
   */
  public record One(
      @Nullable Duration ttl,
      @Nullable Duration staleFor,
      @Nullable Double jitter,
      @Nullable Boolean cacheNullValues,
      @Nullable List<String> tags,
      @Nullable Near near) {}

  /** All settings of a cache. */
  HowdahCacheSettings of(String name) {
    One one = caches.getOrDefault(name, new One(null, null, null, null, null, null));
    return new HowdahCacheSettings(
        or(one.ttl, ttl),
        or(one.staleFor, staleFor),
        or(one.jitter, jitter),
        or(one.cacheNullValues, cacheNullValues),
        or(one.tags, tags),
        or(one.near, near),
        failSoft);
  }

  private static <T> T or(@Nullable T own, T common) {
    return own == null ? common : own;
  }
}
