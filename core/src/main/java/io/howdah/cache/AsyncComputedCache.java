package io.howdah.cache;

import io.howdah.cache.CacheOperations.Eviction;
import io.howdah.engine.Engine;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Operations of {@link ComputedCache} without waiting. Arguments are checked on the calling thread,
 * which gets {@link io.howdah.InvalidArgumentException} at once; a stage completes on the executor
 * of the Howdah, exceptionally with what the blocking method would throw.
 */
public final class AsyncComputedCache<V> {
  private final ComputedCache<V> cache;
  private final Engine engine;

  AsyncComputedCache(ComputedCache<V> cache, Engine engine) {
    this.cache = cache;
    this.engine = engine;
  }

  /** {@link ComputedCache#getIfPresent}. */
  public CompletionStage<Optional<V>> getIfPresent(String key) {
    CacheKey row = cache.shape().key(key);
    return engine
        .callAsync(CacheRead.READ, row)
        .thenApply(found -> cache.present(row, cache.counted(row, found)));
  }

  /** {@link ComputedCache#put(String, Object)}. */
  public CompletionStage<Void> put(String key, V value) {
    CacheKey row = cache.shape().key(key);
    return engine
        .callAsync(CacheOperations.PUT, cache.storing(row, value, cache.settings().ttl()))
        .thenAccept(done -> cache.put(row));
  }

  /** {@link ComputedCache#evict}. */
  public CompletionStage<Boolean> evict(String key) {
    CacheKey row = cache.shape().key(key);
    return engine
        .callAsync(CacheOperations.EVICT, row)
        .thenApply(present -> {
          cache.evicted(row);
          return present;
        });
  }

  /** {@link ComputedCache#evictTag}. */
  public CompletionStage<Void> evictTag(String tag) {
    return engine
        .callAsync(
            CacheOperations.EVICT_TAG, new Eviction(cache.shape().cache, CacheShape.tag(tag)))
        .thenAccept(done -> cache.evictedMany());
  }

  /** {@link ComputedCache#clear}. */
  public CompletionStage<Void> clear() {
    return engine
        .callAsync(CacheOperations.CLEAR, new Eviction(cache.shape().cache, null))
        .thenAccept(done -> cache.evictedMany());
  }
}
