package io.howdah.cache;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.cache.CacheOperations.Claim;
import io.howdah.cache.CacheOperations.Eviction;
import io.howdah.cache.CacheOperations.Keys;
import io.howdah.cache.CacheOperations.State;
import io.howdah.cache.CacheOperations.Storing;
import io.howdah.cache.Loads.Computed;
import io.howdah.cache.Loads.Request;
import io.howdah.engine.Engine;
import io.howdah.near.NearSettings;
import io.howdah.sweep.Marks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A cache of computed values. Thread-safe, cheap to make, nothing to close.
 *
 * <pre>{@code
 * ComputedCache<Report> reports = howdah.cache("reports", Report.class);
 * Report q3 = reports.tagged("customer:7").get("q3", () -> build("q3"));
 *
 * howdah.transaction(tx -> {
 *   update(tx.connection());
 *   tx.cache("reports", Report.class).evictTag("customer:7");   // with the data, or not at all
 * });
 * }</pre>
 *
 * <p>A value that is not there is computed once in the whole cluster; the others wait for it. An
 * eviction counts when its transaction commits: from then on nobody reads a value that was computed
 * from older data, and a computation that began before is not stored.
 *
 * <p>Inside a transaction of the caller's a cache is read, and evictions and puts are part of it. A
 * value that is not there is then computed, and not stored: it may have come from what the
 * transaction has not committed.
 *
 * <p>{@link #near} keeps values in the heap as well, which bounds how long after an eviction they
 * are still given, instead of excluding it.
 *
 * <p>Keys have 1 to 1,024 bytes, tags 1 to 256 and at most 32 of them, values at most 16 MiB unless
 * set otherwise. A crash of Postgres empties all caches, as does a failover.
 *
 * <p>All methods throw {@link InvalidArgumentException} for arguments outside these limits, before
 * anything is sent; {@link CallFailedException} when there was no answer; {@link HowdahException}
 * with {@link ErrorCode#CODEC} when a value cannot be encoded or decoded, {@link
 * ErrorCode#WRONG_KIND} when it is bytes where JSON is expected or the other way round, {@link
 * ErrorCode#STANDBY} on a standby.
 *
 * @param <V> the type of the values
 */
public final class ComputedCache<V> {
  private final CacheShape<V> shape;
  private final CacheSettings settings;
  private final List<String> tags;
  private final CacheCounters counters;
  private final Marks marks;
  private final Loads loads;
  private final CacheCalls calls;

  ComputedCache(
      CacheShape<V> shape,
      CacheSettings settings,
      List<String> tags,
      CacheCounters counters,
      Marks marks,
      Loads loads,
      CacheCalls calls) {
    this.shape = shape;
    this.settings = settings;
    this.tags = tags;
    this.counters = counters;
    this.marks = marks;
    this.loads = loads;
    this.calls = calls;
  }

  /** This cache, where what is stored gets these tags, by which it can be evicted. */
  public ComputedCache<V> tagged(String... tags) {
    return new ComputedCache<>(
        shape, settings, CacheShape.tags(List.of(tags)), counters, marks, loads, calls);
  }

  /**
   * The same without waiting, but for loaders, which have to.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncComputedCache<V> async() {
    Engine engine = calls.here().engine();
    if (engine == null) {
      throw new InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncComputedCache<>(this, engine);
  }

  /**
   * Keeps what is read of this cache in the heap of this process too, from now on and for all
   * objects of this cache in this Howdah: docs/near-cache.md says what that promises. Inside a
   * transaction it does nothing. Call it once, when the application starts.
   *
   * <p>Evictions by others are then seen when their notification comes, where {@link
   * Caches#notifyChanges} has been called for this cache; otherwise, and while nothing can be
   * heard, after {@link NearSettings#maxStaleness}. Stale values are not kept.
   *
   * @return this cache
   * @throws InvalidArgumentException when it has a near cache with other settings
   */
  @CanIgnoreReturnValue
  public ComputedCache<V> near(NearSettings settings) {
    calls.open(shape.cache, settings);
    return this;
  }

  /** What this process has done with the cache, whichever object it used. */
  public CacheStats stats() {
    return counters.stats();
  }

  /** The value, fresh or stale; empty when there is none, or it is known that there is nothing. */
  public Optional<V> getIfPresent(String key) {
    CacheKey row = shape.key(key);
    return present(row, read(row));
  }

  /** The value with what is known of it; empty when there is none. */
  public Optional<CacheEntry<V>> getEntry(String key) {
    CacheKey row = shape.key(key);
    return entry(row, counted(row, calls.here().readThrough(row)));
  }

  Optional<CacheEntry<V>> entry(CacheKey row, @Nullable Found found) {
    return found == null
        ? Optional.empty()
        : Optional.of(
            new CacheEntry<>(
                shape.decode(row.key(), found),
                found.isStale(),
                Duration.ofNanos(Math.max(0, found.freshFor()) * 1_000)));
  }

  /** Those that are there, by key, in the order of the keys; one round trip. */
  public Map<String, V> getAllPresent(Collection<String> keys) {
    Map<String, V> values = new LinkedHashMap<>();
    readAll(shape.keys(keys))
        .forEach((key, found) -> shape.decode(key, found).ifPresent(v -> values.put(key, v)));
    return values;
  }

  /**
   * The value; where there is none, what the loader computes. A loader that may find nothing goes
   * with {@link #find}.
   *
   * @throws HowdahException with {@link ErrorCode#LOAD_FAILED} when the loader throws, here or in
   *     the thread of this process that computes, or returns null; its exception is the cause
   */
  public V get(String key, CacheLoader<? extends V> loader) {
    CacheKey row = shape.key(key);
    return find(row, loader)
        .orElseThrow(() ->
            new HowdahException(
                ErrorCode.LOAD_FAILED,
                "the loader of '"
                    + key
                    + "' in cache '"
                    + shape.cache
                    + "' found nothing, which find(key, loader) returns as empty"));
  }

  /**
   * {@link #get} for a loader that returns null when there is nothing: that is remembered too, for
   * {@link CacheSettings#emptyTtl}.
   *
   * @throws HowdahException with {@link ErrorCode#LOAD_FAILED} when the loader throws
   */
  public Optional<V> find(String key, CacheLoader<? extends @Nullable V> loader) {
    return find(shape.key(key), loader);
  }

  private Optional<V> find(CacheKey row, CacheLoader<? extends @Nullable V> loader) {
    try {
      Found found = read(row);
      if (found != null) {
        if (found.isStale() && calls.here().engine() != null) {
          loads.refresh(request(row, loader));
        }
        return shape.decode(row.key(), found);
      }
      if (calls.here().engine() == null) {
        return Optional.ofNullable(Loads.timedOnly(counters, row, loader::load));
      }
      Computed<V> computed = loads.load(request(row, loader));
      return computed.isOwn()
          ? Optional.ofNullable(computed.value())
          : shape.decode(row.key(), computed.found());
    } catch (CallFailedException e) {
      if (!settings.loadsWhenAway() || !isAway(e)) {
        throw e;
      }
      return Optional.ofNullable(Loads.timedOnly(counters, row, loader::load));
    }
  }

  private static boolean isAway(CallFailedException e) {
    return e.code() == ErrorCode.UNAVAILABLE || e.code() == ErrorCode.TIMEOUT;
  }

  /**
   * The values of several keys, by key, in their order; what is missing is computed together, as
   * far as nobody else is computing it. A key of which the loader says nothing is not in the
   * result, and that is remembered for {@link CacheSettings#emptyTtl}.
   *
   * @param keys at most 10,000
   * @throws HowdahException with {@link ErrorCode#LOAD_FAILED} when the loader throws
   */
  public Map<String, V> getAll(Collection<String> keys, BulkLoader<V> loader) {
    List<String> wanted = shape.keys(keys);
    Map<String, Found> found = readAll(wanted);
    Map<String, V> values = new HashMap<>();
    List<String> missing = new ArrayList<>();
    for (String key : wanted) {
      Found one = found.get(key);
      if (one == null) {
        missing.add(key);
      } else {
        if (one.isStale() && calls.here().engine() != null) {
          loads.refresh(request(shape.key(key), single(key, loader)));
        }
        shape.decode(key, one).ifPresent(value -> values.put(key, value));
      }
    }
    if (!missing.isEmpty()) {
      values.putAll(computeAll(missing, loader));
    }
    Map<String, V> inOrder = new LinkedHashMap<>();
    for (String key : wanted) {
      V value = values.get(key);
      if (value != null) {
        inOrder.put(key, value);
      }
    }
    return inOrder;
  }

  private Map<String, V> computeAll(List<String> missing, BulkLoader<V> loader) {
    if (calls.here().engine() == null) {
      return new HashMap<>(
          Loads.timedOnly(
              counters, shape.key(missing.get(0)), () -> loader.load(Set.copyOf(missing))));
    }
    Claim all = new Claim(shape.cache, missing, tags, UUID.randomUUID(), settings.lease());
    List<State> states = loads.claim(all);
    List<String> claimed = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (int i = 0; i < missing.size(); i++) {
      (states.get(i) == State.CLAIMED ? claimed : others).add(missing.get(i));
    }
    Map<String, V> values = new HashMap<>();
    if (!claimed.isEmpty()) {
      Claim claim = new Claim(shape.cache, claimed, tags, all.token(), all.lease());
      Map<String, Found> encoded = new LinkedHashMap<>();
      values.putAll(
          loads.computeClaimed(
              claim,
              counters,
              shape.key(claimed.get(0)),
              () -> {
                Map<String, V> loaded = new HashMap<>(loader.load(Set.copyOf(claimed)));
                loaded.keySet().retainAll(claimed);
                for (String key : claimed) {
                  V value = loaded.get(key);
                  encoded.put(key, value == null ? Found.computed(null) : shape.encode(value));
                }
                return loaded;
              }));
      Set<String> stored = loads.store(settings, counters, claim, encoded);
      assert encoded.keySet().containsAll(stored);
    }
    for (String key : others) {
      find(shape.key(key), single(key, loader)).ifPresent(value -> values.put(key, value));
    }
    return values;
  }

  private CacheLoader<@Nullable V> single(String key, BulkLoader<V> loader) {
    return () -> loader.load(Set.of(key)).get(key);
  }

  private Request<V> request(CacheKey row, CacheLoader<? extends @Nullable V> loader) {
    return new Request<>(
        row,
        tags,
        settings,
        counters,
        () -> {
          V value = loader.load();
          return new Computed<>(
              value, value == null ? Found.computed(null) : shape.encode(value), true);
        });
  }

  /**
   * Stores a value for {@link CacheSettings#ttl}; what others are computing now is not stored. In a
   * transaction others that put the same key wait until it ends.
   */
  public void put(String key, V value) {
    put(key, value, settings.ttl());
  }

  /** {@link #put(String, Object)} for another time to live, 1 microsecond to 36,500 days. */
  public void put(String key, V value, Duration ttl) {
    CacheKey row = shape.key(key);
    boolean done =
        calls
            .here()
            .write(
                row.cache(), CacheCalls.ofKey(row), CacheOperations.PUT, storing(row, value, ttl));
    assert done;
    put(row);
  }

  void put(CacheKey row) {
    counters.puts.increment();
    loads.evicted(row);
  }

  /**
   * Says that the value of a key has changed.
   *
   * @return whether there was one that could be read
   */
  @CanIgnoreReturnValue
  public boolean evict(String key) {
    CacheKey row = shape.key(key);
    boolean present =
        calls.here().write(row.cache(), CacheCalls.ofKey(row), CacheOperations.EVICT, row);
    evicted(row);
    return present;
  }

  /** {@link #evict} of several keys, in one round trip. */
  public void evictAll(Collection<String> keys) {
    List<String> distinct = shape.keys(keys);
    boolean done =
        calls
            .here()
            .write(
                shape.cache,
                CacheCalls.ofKeys(shape.cache, distinct),
                CacheOperations.EVICT_MANY,
                new Keys(shape.cache, distinct));
    assert done;
    counters.evictions.increment();
    distinct.forEach(key -> loads.evicted(shape.key(key)));
  }

  /** Says that everything with this tag has changed. */
  public void evictTag(String tag) {
    boolean done =
        calls
            .here()
            .write(
                shape.cache,
                CacheCalls.ofTag(shape.cache, tag),
                CacheOperations.EVICT_TAG,
                new Eviction(shape.cache, CacheShape.tag(tag)));
    assert done;
    evictedMany();
  }

  /** Says that everything in this cache has changed. */
  public void clear() {
    boolean done =
        calls
            .here()
            .write(
                shape.cache,
                CacheCalls.ofAll(shape.cache),
                CacheOperations.CLEAR,
                new Eviction(shape.cache, null));
    assert done;
    evictedMany();
  }

  void evicted(CacheKey row) {
    counters.evictions.increment();
    loads.evicted(row);
  }

  void evictedMany() {
    counters.evictions.increment();
    loads.evicted(shape.cache);
  }

  CacheCalls calls() {
    return calls;
  }

  CacheShape<V> shape() {
    return shape;
  }

  CacheSettings settings() {
    return settings;
  }

  Claim claim(CacheKey row, UUID token) {
    return new Claim(row.cache(), List.of(row.key()), tags, token, settings.lease());
  }

  Loads loads() {
    return loads;
  }

  CacheCounters counters() {
    return counters;
  }

  Storing storing(CacheKey row, V value, Duration ttl) {
    Duration checked = settings.withTtl(ttl).ttl();
    return new Storing(
        shape.cache,
        List.of(row.key()),
        List.of(shape.encode(value)),
        List.of(checked),
        settings.staleFor(),
        tags,
        null);
  }

  private @Nullable Found read(CacheKey row) {
    return counted(row, calls.here().read(row));
  }

  /** Counts a read, and notes it for those who evict. */
  @Nullable Found counted(CacheKey row, @Nullable Found found) {
    if (found == null) {
      counters.misses.increment();
    } else {
      counters.found(found.isStale());
      marks.hit(row.cache(), row.key());
    }
    return found;
  }

  private Map<String, Found> readAll(List<String> keys) {
    Map<String, Found> all = new LinkedHashMap<>();
    if (keys.isEmpty()) {
      return all;
    }
    Map<String, Optional<Found>> read = calls.here().readMany(new Keys(shape.cache, keys));
    for (String key : keys) {
      CacheKey row = shape.key(key);
      Optional<Found> one = read.get(key);
      // One that is too large to come with others comes alone.
      Found found =
          one == null ? null : one.isPresent() ? one.get() : calls.here().readThrough(row);
      if (counted(row, found) != null && found != null) {
        all.put(key, found);
      }
    }
    return all;
  }

  Optional<V> present(CacheKey row, @Nullable Found found) {
    return found == null ? Optional.empty() : shape.decode(row.key(), found);
  }
}
