package io.howdah.spring.cache;

import io.howdah.cache.CacheStats;
import io.howdah.cache.ComputedCache;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What this process has done with a cache, under Micrometer's names. */
final class HowdahCacheMetrics extends CacheMeterBinder<ComputedCache<Object>> {
  HowdahCacheMetrics(HowdahCache cache, Iterable<Tag> tags) {
    super(cache.getNativeCache(), cache.getName(), tags);
  }

  private ComputedCache<Object> cache() {
    return java.util.Objects.requireNonNull(getCache());
  }

  /** Nobody counts the entries. */
  @Override
  protected @Nullable Long size() {
    return null;
  }

  @Override
  protected long hitCount() {
    return cache().stats().hits() + cache().stats().staleHits();
  }

  @Override
  protected Long missCount() {
    return cache().stats().misses();
  }

  @Override
  protected Long evictionCount() {
    return cache().stats().evictions();
  }

  @Override
  protected long putCount() {
    CacheStats stats = cache().stats();
    return stats.puts() + stats.loads() - stats.loadFailures() - stats.unstored();
  }

  @Override
  protected void bindImplementationSpecificMetrics(MeterRegistry registry) {
    FunctionCounter loads =
        FunctionCounter.builder("cache.loads", cache(), c -> c.stats().loads())
            .tags(getTagsWithCacheName())
            .description("Computations that this process has made")
            .register(registry);
    TimeGauge time =
        TimeGauge.builder(
                "cache.load.duration",
                cache(),
                TimeUnit.NANOSECONDS,
                c -> c.stats().loadTime().toNanos())
            .tags(getTagsWithCacheName())
            .description("How long they took together")
            .register(registry);
    assert loads != null && time != null;
  }
}
