package io.howdah.kv;

import io.howdah.engine.Engine;
import io.howdah.near.NearCache;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The operations of {@link KeyValueStore} on one key, without waiting. Calls of one thread on one
 * key take effect in the order in which they were made, also mixed with blocking ones.
 *
 * <p>Arguments are checked, and encoded, on the calling thread, which gets {@link
 * io.howdah.InvalidArgumentException} at once. A stage completes on the executor of the Howdah, or
 * is complete already where a near cache has the value, exceptionally with what the blocking method
 * would throw.
 *
 * @param <V> the type of the values
 */
public final class AsyncKeyValueStore<V> {
  private final Shape<V> shape;
  private final KvCalls calls;
  private final Engine engine;

  AsyncKeyValueStore(Shape<V> shape, KvCalls calls, Engine engine) {
    this.shape = shape;
    this.calls = calls;
    this.engine = engine;
  }

  /** {@link KeyValueStore#get}. */
  public CompletionStage<Optional<V>> get(String key) {
    KvArguments args = shape.key(key);
    NearCache<Stored> near = calls.near(shape.namespace);
    if (near == null) {
      return engine
          .callAsync(shape.get(), args)
          .thenApply(stored -> shape.decode(key, shape.found(key, stored)));
    }
    Stored kept = near.get(key);
    if (kept != null) {
      return CompletableFuture.completedStage(kept)
          .thenApply(stored -> shape.decode(key, shape.found(key, stored)));
    }
    return askAndKeep(near, args)
        .thenApply(
            entry -> shape.decode(key, shape.found(key, entry == null ? null : entry.stored())));
  }

  /** {@link KeyValueStore#getEntry}. */
  public CompletionStage<Optional<Entry<V>>> getEntry(String key) {
    KvArguments args = shape.key(key);
    NearCache<Stored> near = calls.near(shape.namespace);
    CompletionStage<@Nullable StoredEntry> answer =
        near == null ? engine.callAsync(KvOperations.GET_ENTRY, args) : askAndKeep(near, args);
    return answer.thenApply(found -> shape.entry(key, shape.found(key, found)));
  }

  private CompletionStage<@Nullable StoredEntry> askAndKeep(
      NearCache<Stored> near, KvArguments args) {
    NearCache.Ticket ticket = KvCalls.ask(near, args.key());
    return engine
        .callAsync(KvOperations.GET_ENTRY, args)
        .thenApply(answer -> {
          KvCalls.answered(near, args.key(), ticket, answer);
          return answer;
        });
  }

  /** {@link KeyValueStore#set(String, Object)}. */
  public CompletionStage<Long> set(String key, V value) {
    return set(key, value, null);
  }

  /** {@link KeyValueStore#set(String, Object, Duration)}. */
  public CompletionStage<Long> set(String key, V value, @Nullable Duration ttl) {
    return calls
        .writeAsync(engine, KvOperations.SET, shape.value(key, value, ttl))
        .thenApply(version -> version == null ? 0L : version);
  }

  /** {@link KeyValueStore#setIfAbsent(String, Object, Duration)}. */
  public CompletionStage<OptionalLong> setIfAbsent(String key, V value, @Nullable Duration ttl) {
    return versions(
        calls.writeAsync(engine, KvOperations.SET_IF_ABSENT, shape.value(key, value, ttl)));
  }

  /** {@link KeyValueStore#replace(String, Object, Duration)}. */
  public CompletionStage<OptionalLong> replace(String key, V value, @Nullable Duration ttl) {
    return versions(calls.writeAsync(engine, KvOperations.REPLACE, shape.value(key, value, ttl)));
  }

  /** {@link KeyValueStore#compareAndSet(String, long, Object, Duration)}. */
  public CompletionStage<OptionalLong> compareAndSet(
      String key, long expectedVersion, V value, @Nullable Duration ttl) {
    return versions(
        calls.writeAsync(
            engine, KvOperations.REPLACE, shape.value(key, value, ttl, expectedVersion)));
  }

  /** {@link KeyValueStore#compareAndSetKeepingEnd}. */
  public CompletionStage<OptionalLong> compareAndSetKeepingEnd(
      String key, long expectedVersion, V value) {
    return versions(
        calls.writeAsync(
            engine,
            KvOperations.REPLACE_AND_KEEP_END,
            shape.value(key, value, null, expectedVersion)));
  }

  /** {@link KeyValueStore#getAndSet(String, Object, Duration)}. */
  public CompletionStage<Optional<V>> getAndSet(String key, V value, @Nullable Duration ttl) {
    return calls
        .writeAsync(engine, shape.exchange(), shape.value(key, value, ttl))
        .thenApply(stored -> shape.decode(key, stored));
  }

  /** {@link KeyValueStore#take}. */
  public CompletionStage<Optional<V>> take(String key) {
    return calls
        .writeAsync(engine, shape.take(), shape.key(key))
        .thenApply(stored -> shape.decode(key, stored));
  }

  /** {@link KeyValueStore#delete}. */
  public CompletionStage<Boolean> delete(String key) {
    return calls.writeAsync(engine, KvOperations.DELETE, shape.key(key));
  }

  /** {@link KeyValueStore#deleteIf}. */
  public CompletionStage<Boolean> deleteIf(String key, long expectedVersion) {
    return calls.writeAsync(engine, KvOperations.DELETE, shape.number(key, expectedVersion));
  }

  /** {@link KeyValueStore#exists}. */
  public CompletionStage<Boolean> exists(String key) {
    return engine
        .callAsync(KvOperations.EXISTS, shape.key(key))
        .thenApply(there -> {
          calls.seen(shape.namespace, key, there);
          return there;
        });
  }

  /** {@link KeyValueStore#increment(String, long)}. */
  public CompletionStage<Long> increment(String key, long delta) {
    return calls.writeAsync(engine, KvOperations.INCREMENT, shape.number(key, delta));
  }

  /** {@link KeyValueStore#expire}. */
  public CompletionStage<Boolean> expire(String key, Duration ttl) {
    return calls.writeAsync(engine, KvOperations.EXPIRE, shape.end(key, ttl));
  }

  /** {@link KeyValueStore#persist}. */
  public CompletionStage<Boolean> persist(String key) {
    return calls.writeAsync(engine, KvOperations.PERSIST, shape.key(key));
  }

  /** {@link KeyValueStore#timeToLive}. */
  public CompletionStage<Optional<Duration>> timeToLive(String key) {
    return engine.callAsync(KvOperations.TTL, shape.key(key)).thenApply(Shape::timeToLive);
  }

  /** {@link KeyValueStore#patch}. */
  public CompletionStage<Optional<V>> patch(String key, String jsonMergePatch) {
    return calls
        .writeAsync(engine, KvOperations.PATCH, shape.patch(key, jsonMergePatch))
        .thenApply(stored -> shape.decode(key, stored));
  }

  private static CompletionStage<OptionalLong> versions(CompletionStage<@Nullable Long> stage) {
    return stage.thenApply(
        version -> version == null ? OptionalLong.empty() : OptionalLong.of(version));
  }
}
