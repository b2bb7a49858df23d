package io.howdah.kv;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Codec;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.engine.Engine;
import io.howdah.engine.Operation;
import io.howdah.near.NearCache;
import io.howdah.near.NearSettings;
import io.howdah.sweep.Marks;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The keys and values of one namespace. Thread-safe, cheap to make, nothing to close.
 *
 * <p>Keys are 1 to 1,024 bytes of UTF-8 without U+0000, ordered by their bytes. Values are at most
 * 16 MiB encoded, unless configured otherwise. A time to live is more than a microsecond and at
 * most 36,500 days, and counts by Postgres's clock; a value is gone the moment it ends. Without one
 * a value has the default of its namespace, or stays.
 *
 * <p>Each method makes one call, except where it says otherwise. After an acknowledged write every
 * later read, from anywhere, sees it. What a crash of Postgres takes is the {@link
 * io.howdah.Durability} of the namespace; an unregistered one is ephemeral.
 *
 * <p>All methods throw {@link io.howdah.InvalidArgumentException} for arguments outside these
 * limits, before anything is sent; {@link io.howdah.CallFailedException} when there was no answer
 * (deadline, broken connection, interrupt), which says whether a write may have happened; and
 * {@link HowdahException} with {@link ErrorCode#WRONG_KIND} when the stored value is bytes but the
 * codec reads JSON, or the other way round, and {@link ErrorCode#CODEC} when the codec fails.
 *
 * @param <V> the type of the values
 */
public final class KeyValueStore<V> {
  private static final int UPDATE_ATTEMPTS = 100;
  private static final int PAGE = 500;

  private final Shape<V> shape;
  private final KvCalls calls;

  /** Use {@code Howdah.kv} or {@code Transaction.kv}. */
  public KeyValueStore(
      String namespace, Codec<V> codec, int valueLimit, Marks marks, KvCalls calls) {
    this.shape = new Shape<>(namespace, codec, valueLimit, marks);
    this.calls = calls;
  }

  public String namespace() {
    return shape.namespace;
  }

  /**
   * The same operations without waiting.
   *
   * @throws HowdahException with {@link ErrorCode#INVALID_ARGUMENT} in a joined transaction, which
   *     is one connection
   */
  public AsyncKeyValueStore<V> async() {
    Engine engine = calls.here().engine();
    if (engine == null) {
      throw new io.howdah.InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncKeyValueStore<>(shape, calls, engine);
  }

  /**
   * Has this process keep the values of the namespace that {@link #get} and {@link #getEntry} of
   * its stores read, for {@link #get} and {@link #getAll}, until the Howdah is closed;
   * docs/near-cache.md says what that promises. Inside a transaction it does nothing. Call it once,
   * at the start.
   *
   * <p>A change by another process is seen when its notification arrives, if the namespace notifies
   * ({@link Namespaces#notifyChanges}) and this process listens; otherwise after {@link
   * NearSettings#maxStaleness}.
   *
   * @return this store
   * @throws io.howdah.InvalidArgumentException when the namespace has a near cache with other
   *     settings
   */
  @CanIgnoreReturnValue
  public KeyValueStore<V> near(NearSettings settings) {
    calls.open(shape.namespace, settings);
    return this;
  }

  /** The value, or empty when absent. */
  public Optional<V> get(String key) {
    KvArguments args = shape.key(key);
    NearCache<Stored> near = calls.here().near(shape.namespace);
    if (near == null) {
      return shape.decode(key, shape.found(key, calls.here().read(shape.get(), args)));
    }
    Stored stored = near.get(key);
    if (stored == null) {
      StoredEntry entry = askAndKeep(near, args);
      stored = entry == null ? null : entry.stored();
    }
    return shape.decode(key, shape.found(key, stored));
  }

  /** The value with its version and times, or empty when absent; never from a near cache. */
  public Optional<Entry<V>> getEntry(String key) {
    KvArguments args = shape.key(key);
    NearCache<Stored> near = calls.here().near(shape.namespace);
    StoredEntry entry =
        near == null ? calls.here().read(KvOperations.GET_ENTRY, args) : askAndKeep(near, args);
    return shape.entry(key, shape.found(key, entry));
  }

  private @Nullable StoredEntry askAndKeep(NearCache<Stored> near, KvArguments args) {
    NearCache.Ticket ticket = KvCalls.ask(near, args.key());
    StoredEntry answer = calls.here().call(KvOperations.GET_ENTRY, args);
    KvCalls.answered(near, args.key(), ticket, answer);
    return answer;
  }

  /**
   * The values of those keys that are present, in the order asked for; one call for each 1,000 keys
   * or 4 MiB.
   */
  public Map<String, V> getAll(Collection<String> keys) {
    // In the order asked for: with what is kept at hand, and the others still without.
    Map<String, Optional<Stored>> found = new LinkedHashMap<>();
    List<KvArguments> missing = new ArrayList<>();
    NearCache<Stored> near = calls.here().near(shape.namespace);
    for (String key : new LinkedHashSet<>(keys)) {
      KvArguments args = shape.key(key);
      Stored kept = near == null ? null : near.get(key);
      found.put(key, Optional.ofNullable(kept));
      if (kept == null) {
        missing.add(args);
      }
    }
    for (KvMany.Many part : parts(missing)) {
      @Nullable Stored[] answer = calls.here().call(KvMany.GET, part);
      for (int i = 0; i < answer.length; i++) {
        String key = part.calls().get(i).key().key();
        Stored stored = answer[i];
        calls.here().seen(shape.namespace, key, stored == null ? 0 : stored.version());
        found.put(key, Optional.ofNullable(stored));
      }
    }
    Map<String, V> values = new LinkedHashMap<>();
    found.forEach((key, stored) -> {
      Stored present = shape.found(key, stored.orElse(null));
      if (present != null && present.isTooLarge()) {
        get(key).ifPresent(value -> values.put(key, value));
      } else if (present != null) {
        values.put(key, shape.decodePresent(key, present));
      }
    });
    return values;
  }

  /** Sets a value, which takes the default end of the namespace or has none; its version. */
  @CanIgnoreReturnValue
  public long set(String key, V value) {
    return set(key, value, null);
  }

  /** Sets a value with a time to live; its version. */
  @CanIgnoreReturnValue
  public long set(String key, V value, @Nullable Duration ttl) {
    Long version = calls.here().write(KvOperations.SET, shape.value(key, value, ttl));
    if (version == null) {
      throw new HowdahException(ErrorCode.DATABASE, "kv_set gave no version");
    }
    return version;
  }

  /** Sets many values; one call, and transaction, for each 1,000 keys or 4 MiB. */
  public void setAll(Map<String, V> values) {
    setAll(values, null);
  }

  /**
   * Sets many values with a time to live; one call, and transaction, for each 1,000 keys or 4 MiB.
   */
  public void setAll(Map<String, V> values, @Nullable Duration ttl) {
    List<KvArguments> sets = new ArrayList<>(values.size());
    values.forEach((key, value) -> sets.add(shape.value(key, value, ttl)));
    for (KvMany.Many part : parts(sets)) {
      long written = calls.here().writeMany(KvMany.SET, part);
      if (written != part.calls().size()) {
        throw new HowdahException(
            ErrorCode.DATABASE, "kv_set_many wrote " + written + " of " + part.calls().size());
      }
    }
  }

  /** Sets a value where there is none; its version, or empty when there is one. */
  public OptionalLong setIfAbsent(String key, V value) {
    return setIfAbsent(key, value, null);
  }

  /**
   * Sets a value where there is none, with a time to live; its version, or empty when there is one.
   */
  public OptionalLong setIfAbsent(String key, V value, @Nullable Duration ttl) {
    return version(calls.here().write(KvOperations.SET_IF_ABSENT, shape.value(key, value, ttl)));
  }

  /** Sets a value where there is one; its version, or empty when there is none. */
  public OptionalLong replace(String key, V value) {
    return replace(key, value, null);
  }

  /**
   * Sets a value where there is one, with a time to live; its version, or empty when there is none.
   */
  public OptionalLong replace(String key, V value, @Nullable Duration ttl) {
    return version(calls.here().write(KvOperations.REPLACE, shape.value(key, value, ttl)));
  }

  /**
   * Replaces the value if it still has this version; its new version, or empty when it has another
   * one or is absent.
   */
  public OptionalLong compareAndSet(String key, long expectedVersion, V value) {
    return compareAndSet(key, expectedVersion, value, null);
  }

  /** {@link #compareAndSet(String, long, Object)} with a time to live. */
  public OptionalLong compareAndSet(
      String key, long expectedVersion, V value, @Nullable Duration ttl) {
    return version(
        calls.here().write(KvOperations.REPLACE, shape.value(key, value, ttl, expectedVersion)));
  }

  /**
   * {@link #compareAndSet(String, long, Object)} that leaves the value the end it has, or none;
   * also where the namespace has a default.
   */
  public OptionalLong compareAndSetKeepingEnd(String key, long expectedVersion, V value) {
    return version(
        calls
            .here()
            .write(
                KvOperations.REPLACE_AND_KEEP_END, shape.value(key, value, null, expectedVersion)));
  }

  /**
   * Sets a value and returns the previous one, or empty when there was none. A previous value of
   * the other kind stays.
   */
  public Optional<V> getAndSet(String key, V value) {
    return getAndSet(key, value, null);
  }

  /** {@link #getAndSet(String, Object)} with a time to live. */
  public Optional<V> getAndSet(String key, V value, @Nullable Duration ttl) {
    return shape.decode(key, calls.here().write(shape.exchange(), shape.value(key, value, ttl)));
  }

  /** Deletes a value and returns it, or empty when there was none. Of many callers one gets it. */
  public Optional<V> take(String key) {
    return shape.decode(key, calls.here().write(shape.take(), shape.key(key)));
  }

  /**
   * Replaces the value by what {@code change} makes of it, which gets empty when it is absent. Runs
   * again when another writer was faster, so {@code change} must have no side effects. The value
   * keeps its end.
   *
   * @return the new value
   * @throws HowdahException with {@link ErrorCode#CONTENTION} when others were faster 100 times
   */
  @CanIgnoreReturnValue
  public V update(String key, Function<Optional<V>, V> change) {
    for (int attempt = 0; attempt < UPDATE_ATTEMPTS; attempt++) {
      Optional<Entry<V>> before = getEntry(key);
      V after = change.apply(before.map(Entry::value));
      OptionalLong version =
          before.isEmpty()
              ? setIfAbsent(key, after)
              : compareAndSetKeepingEnd(key, before.get().version(), after);
      if (version.isPresent()) {
        return after;
      }
    }
    throw new HowdahException(
        ErrorCode.CONTENTION,
        "update of '"
            + key
            + "' lost its race "
            + UPDATE_ATTEMPTS
            + " times; other writers are faster");
  }

  /** Deletes a value, of whatever kind; whether there was one. */
  @CanIgnoreReturnValue
  public boolean delete(String key) {
    return calls.here().write(KvOperations.DELETE, shape.key(key));
  }

  /** Deletes a value if it still has this version; whether it had. */
  public boolean deleteIf(String key, long expectedVersion) {
    return calls.here().write(KvOperations.DELETE, shape.number(key, expectedVersion));
  }

  /** Deletes many; how many there were. One call, and transaction, for each 1,000 keys. */
  @CanIgnoreReturnValue
  public long deleteAll(Collection<String> keys) {
    long deleted = 0;
    for (KvMany.Many part : parts(new LinkedHashSet<>(keys).stream().map(shape::key).toList())) {
      deleted += calls.here().writeMany(KvMany.DELETE, part);
    }
    return deleted;
  }

  /** Whether there is a value, of whatever kind. */
  public boolean exists(String key) {
    boolean there = calls.here().call(KvOperations.EXISTS, shape.key(key));
    calls.here().seen(shape.namespace, key, there);
    return there;
  }

  /** Adds 1; see {@link #increment(String, long)}. */
  @CanIgnoreReturnValue
  public long increment(String key) {
    return increment(key, 1);
  }

  /**
   * Adds to an integer, from 0 where there is none; the sum. A live value keeps its end.
   *
   * @throws HowdahException with {@link ErrorCode#NOT_AN_INTEGER}, or {@link
   *     ErrorCode#OUT_OF_RANGE} when the sum does not fit 64 bits; the value is unchanged
   */
  @CanIgnoreReturnValue
  public long increment(String key, long delta) {
    return calls.here().write(KvOperations.INCREMENT, shape.number(key, delta));
  }

  /** {@link #increment(String, long)} that also gives the value a new end. */
  @CanIgnoreReturnValue
  public long increment(String key, long delta, Duration ttl) {
    KvArguments end = shape.end(key, ttl);
    return calls
        .here()
        .write(
            KvOperations.INCREMENT_AND_EXPIRE,
            new KvArguments(end.key(), null, end.ttlMicros(), delta));
  }

  /** Gives a value a new end; whether there is one. Its version stays. */
  @CanIgnoreReturnValue
  public boolean expire(String key, Duration ttl) {
    return calls.here().write(KvOperations.EXPIRE, shape.end(key, ttl));
  }

  /** Takes the end of a value away; whether it had one. */
  @CanIgnoreReturnValue
  public boolean persist(String key) {
    return calls.here().write(KvOperations.PERSIST, shape.key(key));
  }

  /** How long a value still has; empty when it is absent or has no end. */
  public Optional<Duration> timeToLive(String key) {
    return Shape.timeToLive(calls.here().call(KvOperations.TTL, shape.key(key)));
  }

  /**
   * Merges a JSON text into a JSON value (RFC 7396: members set, null removes); the merged value,
   * or empty when absent. The value keeps its end.
   */
  public Optional<V> patch(String key, String jsonMergePatch) {
    return shape.decode(
        key, calls.here().write(KvOperations.PATCH, shape.patch(key, jsonMergePatch)));
  }

  /** How many values there are whose key begins with {@code prefix}. Reads them all. */
  public long count(String prefix) {
    return calls
        .here()
        .call(
            KvPages.COUNT,
            new KvPages.Page(shape.namespace, KvLimits.text("prefix", prefix), "", 1));
  }

  /**
   * The values whose key begins with {@code prefix}, in the order of their keys. Lazy: pages are
   * read as the stream goes on, each by its own statement, so a value that changes meanwhile is
   * seen before or after.
   */
  public Stream<KeyValue<V>> scan(String prefix) {
    String begin = KvLimits.text("prefix", prefix);
    return stream(after -> page(KvPages.SCAN, begin, after, PAGE));
  }

  /**
   * One page of {@link #scan(String)}: what comes behind the key {@code after}. It is shorter than
   * {@code maxRows} where that would be more than 16 MiB; the end is an empty page.
   */
  public List<KeyValue<V>> scan(String prefix, String after, int maxRows) {
    return page(KvPages.SCAN, KvLimits.text("prefix", prefix), after, maxRows);
  }

  /**
   * The values that contain this JSON (as {@code jsonb @>} does: objects by their members, arrays
   * by their elements), in the order of their keys, by an index. Lazy, as {@link #scan(String)}.
   *
   * @throws HowdahException with {@link ErrorCode#NOT_SEARCHABLE} unless the namespace was
   *     registered as searchable
   */
  public Stream<KeyValue<V>> find(String containsJson) {
    String json = contains(containsJson);
    return stream(after -> page(KvPages.FIND, json, after, PAGE));
  }

  /** One page of {@link #find(String)}, as {@link #scan(String, String, int)} has pages. */
  public List<KeyValue<V>> find(String containsJson, String after, int maxRows) {
    return page(KvPages.FIND, contains(containsJson), after, maxRows);
  }

  private String contains(String json) {
    var unused = KvLimits.json("contains", json, shape.valueLimit);
    return json;
  }

  private List<KeyValue<V>> page(
      Operation<KvPages.Page, List<KvPages.Row>> query, String filter, String after, int maxRows) {
    KvPages.Page page =
        new KvPages.Page(
            shape.namespace, filter, KvLimits.text("after", after), KvLimits.pageSize(maxRows));
    return calls.here().call(query, page).stream().map(this::keyValue).toList();
  }

  private KeyValue<V> keyValue(KvPages.Row row) {
    calls.here().seen(shape.namespace, row.key(), row.stored().version());
    return new KeyValue<>(
        row.key(),
        shape.decodePresent(row.key(), row.stored()),
        row.stored().version(),
        Optional.ofNullable(row.expiresAt()));
  }

  private static <V> Stream<KeyValue<V>> stream(Function<String, List<KeyValue<V>>> pageAfter) {
    Spliterator<KeyValue<V>> pages =
        new Spliterators.AbstractSpliterator<>(
            Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL) {
          private List<KeyValue<V>> page = List.of();
          private int next;
          private String after = "";

          @Override
          public boolean tryAdvance(Consumer<? super KeyValue<V>> action) {
            if (next == page.size()) {
              page = pageAfter.apply(after);
              next = 0;
              if (page.isEmpty()) {
                return false;
              }
              after = page.get(page.size() - 1).key();
            }
            action.accept(page.get(next++));
            return true;
          }
        };
    return StreamSupport.stream(pages, false);
  }

  private List<KvMany.Many> parts(List<KvArguments> calls) {
    List<KvMany.Many> parts = new ArrayList<>();
    List<KvArguments> part = new ArrayList<>();
    long bytes = 0;
    for (KvArguments call : calls) {
      if (!part.isEmpty()
          && (part.size() == KvMany.MOST_KEYS || bytes + call.weight() > KvMany.MOST_BYTES)) {
        parts.add(new KvMany.Many(shape.namespace, part));
        part = new ArrayList<>();
        bytes = 0;
      }
      part.add(call);
      bytes += call.weight();
    }
    if (!part.isEmpty()) {
      parts.add(new KvMany.Many(shape.namespace, part));
    }
    return parts;
  }

  private static OptionalLong version(@Nullable Long version) {
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }
}
