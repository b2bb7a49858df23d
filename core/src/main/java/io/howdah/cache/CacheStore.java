package io.howdah.cache;

import io.howdah.Codec;
import io.howdah.engine.Engine;
import io.howdah.lock.Renewals;
import io.howdah.sweep.Marks;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** What the caches of one Howdah have in common. Use {@code Howdah.cache}. */
public final class CacheStore {
  private final Marks marks = new Marks("cache_mark", name -> true);
  private final Map<String, CacheCounters> counters = new ConcurrentHashMap<>();
  private final Loads loads;
  private final int valueLimit;

  public CacheStore(
      Engine engine, CacheCalls calls, Renewals renewals, Executor executor, int valueLimit) {
    marks.attach(engine);
    this.loads = new Loads(engine, calls, renewals, executor);
    this.valueLimit = valueLimit;
  }

  /** A cache by these calls. */
  public <V> ComputedCache<V> open(
      String name, Codec<V> codec, CacheSettings settings, CacheCalls calls) {
    CacheShape<V> shape = new CacheShape<>(name, codec, valueLimit);
    return new ComputedCache<>(
        shape,
        settings,
        List.of(),
        counters.computeIfAbsent(shape.cache, unused -> new CacheCounters()),
        marks,
        loads,
        calls);
  }
}
