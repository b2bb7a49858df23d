package io.howdah.cache;

import io.howdah.cache.CacheOperations.Eviction;
import io.howdah.cache.CacheOperations.State;
import io.howdah.engine.Engine;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
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
    return cache
        .calls()
        .readAsync(engine, row)
        .thenApply(found -> cache.present(row, cache.counted(row, found)));
  }

  /** {@link ComputedCache#getEntry}. */
  public CompletionStage<Optional<CacheEntry<V>>> getEntry(String key) {
    CacheKey row = cache.shape().key(key);
    return cache
        .calls()
        .readThroughAsync(engine, row)
        .thenApply(found -> cache.entry(row, cache.counted(row, found)));
  }

  /**
   * Begins to compute a value, once in the whole cluster, for a program that does not wait for it:
   * a token to end it with. Empty when somebody else is computing it, or there is a fresh value:
   * then read again after a while. After {@link CacheSettings#lease} somebody else may take it
   * over.
   */
  public CompletionStage<Optional<UUID>> beginLoad(String key) {
    UUID token = UUID.randomUUID();
    return engine
        .callAsync(CacheOperations.CLAIM, cache.claim(cache.shape().key(key), token))
        .thenApply(
            states -> states.get(0) == State.CLAIMED ? Optional.of(token) : Optional.empty());
  }

  /**
   * Stores what was computed; false when it was not, because the data have changed meanwhile, or
   * somebody has taken the load over.
   *
   * @param value empty: there is nothing
   */
  public CompletionStage<Boolean> endLoad(String key, UUID token, Optional<V> value) {
    CacheKey row = cache.shape().key(key);
    Found found = value.map(cache.shape()::encode).orElseGet(() -> Found.computed(null));
    cache.counters().loads.increment();
    return cache
        .loads()
        .storeAsync(
            cache.settings(), cache.counters(), cache.claim(row, token), Map.of(row.key(), found))
        .thenApply(stored -> !stored.isEmpty());
  }

  /**
   * Gives a load up, so that the next one need not wait for its lease; whether it still was one.
   */
  public CompletionStage<Boolean> abandonLoad(String key, UUID token) {
    return engine
        .callAsync(CacheOperations.ABANDON, cache.claim(cache.shape().key(key), token))
        .thenApply(keys -> keys > 0);
  }

  /** {@link ComputedCache#put(String, Object)}. */
  public CompletionStage<Void> put(String key, V value) {
    CacheKey row = cache.shape().key(key);
    return cache
        .calls()
        .writeAsync(
            engine,
            row.cache(),
            CacheCalls.ofKey(row),
            CacheOperations.PUT,
            cache.storing(row, value, cache.settings().ttl()))
        .thenAccept(done -> cache.put(row));
  }

  /** {@link ComputedCache#evict}. */
  public CompletionStage<Boolean> evict(String key) {
    CacheKey row = cache.shape().key(key);
    return cache
        .calls()
        .writeAsync(engine, row.cache(), CacheCalls.ofKey(row), CacheOperations.EVICT, row)
        .thenApply(present -> {
          cache.evicted(row);
          return present;
        });
  }

  /** {@link ComputedCache#evictTag}. */
  public CompletionStage<Void> evictTag(String tag) {
    String name = cache.shape().cache;
    return cache
        .calls()
        .writeAsync(
            engine,
            name,
            CacheCalls.ofTag(name, tag),
            CacheOperations.EVICT_TAG,
            new Eviction(name, CacheShape.tag(tag)))
        .thenAccept(done -> cache.evictedMany());
  }

  /** {@link ComputedCache#clear}. */
  public CompletionStage<Void> clear() {
    String name = cache.shape().cache;
    return cache
        .calls()
        .writeAsync(
            engine, name, CacheCalls.ofAll(name), CacheOperations.CLEAR, new Eviction(name, null))
        .thenAccept(done -> cache.evictedMany());
  }
}
