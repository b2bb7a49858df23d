package io.howdah.spring.cache;

import io.howdah.CallFailedException;
import io.howdah.Howdah;
import io.howdah.Workloads;
import io.howdah.cache.ComputedCache;
import io.howdah.near.NearSettings;
import io.howdah.spring.json.TypedJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.Cache;
import org.springframework.cache.transaction.AbstractTransactionSupportingCacheManager;

/**
 * The caches of an application. Puts and evictions inside a transaction of Spring's happen after
 * its commit, unless {@link #setTransactionAware} says otherwise.
 */
public final class HowdahCacheManager extends AbstractTransactionSupportingCacheManager {
  private static final Logger LOG = LoggerFactory.getLogger(HowdahCacheManager.class);

  /** Never in a transaction: what a rollback would take back has been given to others. */
  private final Workloads howdah;

  private final HowdahCacheProperties properties;
  private final List<String> names;
  private final TypedJson json;

  /**
   * @param names the caches that there are; where there are none, each one that is asked for
   * @param json makes JSON of values
   */
  public HowdahCacheManager(
      Howdah howdah, HowdahCacheProperties properties, List<String> names, TypedJson json) {
    this.howdah = howdah.outside();
    this.properties = properties;
    this.names = List.copyOf(names);
    this.json = json;
    setTransactionAware(true);
  }

  @Override
  protected Collection<? extends Cache> loadCaches() {
    List<Cache> caches = new ArrayList<>();
    names.forEach(name -> caches.add(open(name)));
    return caches;
  }

  @Override
  protected @Nullable Cache getMissingCache(String name) {
    return names.isEmpty() ? open(name) : null;
  }

  private HowdahCache open(String name) {
    HowdahCacheSettings settings = properties.of(name);
    ComputedCache<Object> cache = howdah.cache(name, new ValueCodec(name, json), settings.core());
    HowdahCacheProperties.Near near = settings.near();
    if (near.enabled()) {
      cache.near(new NearSettings(near.maxEntries(), near.maxStaleness()));
      notifyChanges(name);
    }
    return new HowdahCache(name, cache, settings);
  }

  /** Without it near caches are as old as their bound says. */
  private void notifyChanges(String name) {
    try {
      howdah.caches().notifyChanges(name, true);
    } catch (CallFailedException e) {
      LOG.warn("cache {}: changes may be seen only after max-staleness", name, e);
    }
  }
}
