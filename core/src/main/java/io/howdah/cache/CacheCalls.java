package io.howdah.cache;

import io.howdah.Codec;
import io.howdah.cache.CacheOperations.Keys;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import io.howdah.engine.Listener;
import io.howdah.engine.Operation;
import io.howdah.engine.WipeWatch;
import io.howdah.near.NearCache;
import io.howdah.near.NearCaches;
import io.howdah.near.NearCalls;
import io.howdah.near.NearHash;
import io.howdah.near.NearSettings;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the calls of caches go, and what near caches have to know of them. */
public final class CacheCalls {
  private static final Operation<String, NearCaches.Registered> REGISTRY =
      NearCaches.registryIn("cache_notification");

  private final Caller caller;
  private final NearCaches<Found> caches;
  private final NearCalls<Found> near;
  private final Supplier<@Nullable CacheCalls> current;

  private CacheCalls(
      Caller caller,
      NearCaches<Found> caches,
      NearCalls<Found> near,
      Supplier<@Nullable CacheCalls> current) {
    this.caller = caller;
    this.caches = caches;
    this.near = near;
    this.current = current;
  }

  /** Those of a Howdah; there are no near caches yet. */
  public CacheCalls(Engine engine, Listener listener, WipeWatch wipes) {
    this(engine, new NearCaches<>("cache", REGISTRY, engine, listener, wipes));
  }

  private CacheCalls(Engine engine, NearCaches<Found> caches) {
    this(engine, caches, new NearCalls<>(caches, false), () -> null);
  }

  /** These, but in the transaction that the calling thread is in, where it is in one. */
  public CacheCalls joining(Supplier<@Nullable CacheCalls> transaction) {
    return new CacheCalls(caller, caches, near, transaction);
  }

  /** Those that a call of this thread has to use now. */
  CacheCalls here() {
    CacheCalls joined = current.get();
    return joined == null ? this : joined;
  }

  /** Those of a transaction of the caller's. */
  public CacheCalls joined(Caller transaction) {
    return new CacheCalls(transaction, caches, new NearCalls<>(caches, true), () -> null);
  }

  /** The near caches of caches. */
  public NearCaches<?> nearCaches() {
    return caches;
  }

  /** The joined transaction has ended, and may have been committed. */
  public void ended() {
    near.ended();
  }

  /** The engine; null inside a transaction. */
  @Nullable Engine engine() {
    return caller.engine();
  }

  void open(String cache, NearSettings settings) {
    near.open(cache, settings);
  }

  /** The scope of an eviction: _cache_scope in cache.sql. */
  private static long scope(String cache, char kind, String name) {
    int bytes = cache.getBytes(StandardCharsets.UTF_8).length;
    return NearHash.of(kind + Integer.toString(bytes) + ':' + cache + name);
  }

  static long keyScope(CacheKey row) {
    return scope(row.cache(), 'k', row.key());
  }

  static NearCalls.Scopes ofKey(CacheKey row) {
    return () -> new long[] {keyScope(row)};
  }

  static NearCalls.Scopes ofKeys(String cache, Collection<String> keys) {
    return () -> keys.stream().mapToLong(key -> scope(cache, 'k', key)).toArray();
  }

  static NearCalls.Scopes ofTag(String cache, String tag) {
    return () -> new long[] {scope(cache, 't', tag)};
  }

  static NearCalls.Scopes ofAll(String cache) {
    return () -> new long[] {scope(cache, 'c', "")};
  }

  /** A call that near caches need not know of. */
  <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args) {
    return caller.call(operation, args);
  }

  /** A call that changes what has these scopes. */
  <A, R extends @Nullable Object> R write(
      String cache, NearCalls.Scopes scopes, Operation<A, R> operation, A args) {
    return near.write(cache, scopes, () -> caller.call(operation, args));
  }

  /** {@link #write} without waiting. */
  <A, R extends @Nullable Object> CompletionStage<R> writeAsync(
      Engine engine, String cache, NearCalls.Scopes scopes, Operation<A, R> operation, A args) {
    return near.writeAsync(cache, scopes, () -> engine.callAsync(operation, args));
  }

  /** This process has a value that no near cache knows. */
  void changed(CacheKey row) {
    near.changed(row.cache(), ofKey(row));
  }

  /** An entry; from a near cache only a fresh one. */
  @Nullable Found read(CacheKey row) {
    NearCache<Found> cache = near.cache(row.cache());
    Found kept = cache == null ? null : cache.get(row.key());
    return kept == null ? readThrough(row) : kept;
  }

  /** {@link #read} without waiting. */
  CompletionStage<@Nullable Found> readAsync(Engine engine, CacheKey row) {
    NearCache<Found> cache = near.cache(row.cache());
    Found kept = cache == null ? null : cache.get(row.key());
    return kept == null
        ? readThroughAsync(engine, row)
        : CompletableFuture.<@Nullable Found>completedFuture(kept);
  }

  /** An entry as the database has it. */
  @Nullable Found readThrough(CacheKey row) {
    NearCache<Found> cache = near.cache(row.cache());
    if (cache == null) {
      Found found = caller.call(CacheRead.READ, row);
      near.seen(row.cache(), row.key(), ofKey(row), 0);
      return found;
    }
    NearCache.Ticket ticket = cache.ask(keyScope(row));
    Found found = caller.call(CacheRead.WITH_SCOPES, row);
    cache.answered(row.key(), ticket, answer(found));
    return found;
  }

  /** {@link #readThrough} without waiting. */
  CompletionStage<@Nullable Found> readThroughAsync(Engine engine, CacheKey row) {
    NearCache<Found> cache = near.cache(row.cache());
    if (cache == null) {
      return engine.callAsync(CacheRead.READ, row);
    }
    NearCache.Ticket ticket = cache.ask(keyScope(row));
    return engine
        .callAsync(CacheRead.WITH_SCOPES, row)
        .thenApply(found -> {
          cache.answered(row.key(), ticket, answer(found));
          return found;
        });
  }

  private static NearCache.@Nullable Answer<Found> answer(@Nullable Found found) {
    if (found == null) {
      return null;
    }
    Codec.Encoded value = found.value();
    String json = value == null ? null : value.json();
    byte[] bytes = value == null ? null : value.bytes();
    return new NearCache.Answer<>(
        found,
        found.number(),
        json != null ? json.length() : bytes != null ? bytes.length : 0,
        Objects.requireNonNull(found.scopes()),
        found.freshFor());
  }

  /** Those of several keys that the database has; an empty one is too large to come with others. */
  Map<String, Optional<Found>> readMany(Keys keys) {
    Map<String, Optional<Found>> read = caller.call(CacheReadMany.READ, keys);
    for (String key : keys.keys()) {
      Optional<Found> found = read.getOrDefault(key, Optional.empty());
      near.seen(
          keys.cache(),
          key,
          ofKey(new CacheKey(keys.cache(), key)),
          found.map(Found::number).orElse(0L));
    }
    return read;
  }
}
