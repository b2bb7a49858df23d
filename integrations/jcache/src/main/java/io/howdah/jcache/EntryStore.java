package io.howdah.jcache;

import io.howdah.Howdah;
import io.howdah.Transaction;
import io.howdah.kv.Entry;
import io.howdah.kv.KeyValue;
import io.howdah.kv.KeyValueStore;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.cache.CacheException;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a cache: keys and values of a namespace.
 *
 * <p>An entry is changed in one of two ways. {@link #change} reads it, decides, and writes if its
 * version is still the same; otherwise it decides anew. {@link #lockAndChange} has the row locked
 * meanwhile, in one transaction: for decisions that call code which must not run twice, such as an
 * entry processor or a writer.
 */
final class EntryStore<K, V> {
  /** So often without the lock, because it is cheaper; then with it, because it gets its turn. */
  private static final int ATTEMPTS = 8;

  /**
   * A transaction that nobody ends, such as one that waits for itself, does not hold us for ever.
   */
  private static final String BOUND_WAITS =
      "SELECT set_config('lock_timeout', '10s', true) WHERE current_setting('lock_timeout') = '0'";

  private final Howdah howdah;
  private final KeyValueStore<Stored> kv;
  private final KeyTexts<K> keys;
  private final Serializer serializer;
  private final Class<V> valueType;

  EntryStore(
      Howdah howdah,
      String namespace,
      Serializer serializer,
      Class<K> keyType,
      Class<V> valueType) {
    this.howdah = howdah;
    this.kv = howdah.kv(namespace, Stored.CODEC);
    this.keys = new KeyTexts<>(serializer, keyType);
    this.serializer = serializer;
    this.valueType = valueType;
  }

  /** An entry as a page of them has it. */
  record Row<K, V>(K key, V value) {}

  @Nullable V get(K key) {
    return kv.get(keys.of(key).text()).map(this::value).orElse(null);
  }

  boolean contains(K key) {
    return kv.exists(keys.of(key).text());
  }

  /** Those that are there. */
  Map<K, V> getAll(Collection<? extends K> wanted) {
    Map<String, K> byText = new LinkedHashMap<>();
    wanted.forEach(key -> byText.put(keys.of(key).text(), key));
    Map<K, V> found = new LinkedHashMap<>();
    Map<String, Stored> stored = kv.getAll(byText.keySet());
    byText.forEach((text, key) -> {
      Stored present = stored.get(text);
      if (present != null) {
        found.put(key, value(present));
      }
    });
    return found;
  }

  /** All entries, in pages that are read as the stream goes on. */
  Stream<Row<K, V>> all() {
    return kv.scan("").map(this::row);
  }

  private Row<K, V> row(KeyValue<Stored> found) {
    return new Row<>(keys.key(found.key(), found.value().longKey()), value(found.value()));
  }

  /** Sets a value, whatever is there. */
  void set(K key, V value, Ttl ttl) {
    KeyTexts.KeyText text = keys.of(key);
    kv.set(text.text(), stored(text, value), ttl.duration());
  }

  void setAll(Map<? extends K, ? extends V> values, Ttl ttl) {
    Map<String, Stored> all = new LinkedHashMap<>();
    values.forEach((key, value) -> {
      KeyTexts.KeyText text = keys.of(key);
      all.put(text.text(), stored(text, value));
    });
    kv.setAll(all, ttl.duration());
  }

  /** Deletes, without looking what is there; how many there were. */
  long deleteAll(Collection<? extends K> all) {
    return kv.deleteAll(all.stream().map(key -> keys.of(key).text()).toList());
  }

  /** Deletes everything; how many there were. */
  long deleteAll() {
    long deleted = 0;
    String after = "";
    for (List<KeyValue<Stored>> page = kv.scan("", after, 1_000);
        !page.isEmpty();
        page = kv.scan("", after, 1_000)) {
      deleted += kv.deleteAll(page.stream().map(KeyValue::key).toList());
      after = page.get(page.size() - 1).key();
    }
    return deleted;
  }

  void clear() {
    howdah.namespaces().clear(kv.namespace());
  }

  /** How long an entry still has; empty when it is absent or has no end. */
  Optional<Duration> timeToLive(K key) {
    return kv.timeToLive(keys.of(key).text());
  }

  /** A value as it is now, whatever becomes of the object. */
  Found<V> copy(V value) {
    Stored stored = new Stored(null, serializer.write(value));
    return found(stored);
  }

  /** Changes the end of an entry, which does not come by this. */
  void touch(K key, Ttl ttl) {
    if (!ttl.keeps()) {
      end(kv, keys.of(key).text(), ttl);
    }
  }

  private static void end(KeyValueStore<Stored> kv, String text, Ttl ttl) {
    Duration duration = ttl.duration();
    if (duration == null) {
      kv.persist(text);
    } else {
      kv.expire(text, duration);
    }
  }

  /**
   * Changes an entry. The decision is made again when somebody else was faster, so that it must
   * have no effects.
   */
  Done<V> change(K key, Done.Decision<V> decision) {
    KeyTexts.KeyText text = keys.of(key);
    for (int i = 0; i < ATTEMPTS; i++) {
      Entry<Stored> entry = kv.getEntry(text.text()).orElse(null);
      Found<V> before = entry == null ? null : found(entry.value());
      Change<V> change = decision.apply(before);
      if (applyIfSame(text, entry, change)) {
        return new Done<>(before, change);
      }
    }
    return lockAndChange(key, decision);
  }

  private boolean applyIfSame(
      KeyTexts.KeyText text, @Nullable Entry<Stored> entry, Change<V> change) {
    String key = text.text();
    return switch (change.kind()) {
      case NONE -> true;
      case TOUCH -> {
        if (entry == null) {
          yield true;
        }
        if (change.ttl().ends()) {
          yield kv.deleteIf(key, entry.version());
        }
        end(kv, key, change.ttl());
        yield true;
      }
      case REMOVE -> entry == null || kv.deleteIf(key, entry.version());
      case PUT -> {
        Ttl ttl = change.ttl();
        if (entry == null) {
          yield ttl.ends()
              || kv.setIfAbsent(key, stored(text, change.put()), ttl.duration()).isPresent();
        }
        if (ttl.ends()) {
          yield kv.deleteIf(key, entry.version());
        }
        Stored value = stored(text, change.put());
        if (ttl.keeps()) {
          yield kv.compareAndSetKeepingEnd(key, entry.version(), value).isPresent();
        }
        yield kv.compareAndSet(key, entry.version(), value, ttl.duration()).isPresent();
      }
    };
  }

  /** Changes an entry while nobody else can. The decision is made once. */
  Done<V> lockAndChange(K key, Done.Decision<V> decision) {
    Map<K, Done<V>> done =
        lockAndChangeAll(
            List.of(key),
            locked -> {
              Map<K, Change<V>> changes = new LinkedHashMap<>();
              locked.forEach((k, before) -> changes.put(k, decision.apply(before.orElse(null))));
              return changes;
            });
    return done.values().iterator().next();
  }

  /**
   * Changes entries together, while nobody else can.
   *
   * @param decision makes a change for each key that is to be changed
   * @return what was done, of those keys
   */
  Map<K, Done<V>> lockAndChangeAll(
      Collection<? extends K> all,
      Function<Map<K, Optional<Found<V>>>, Map<K, Change<V>>> decision) {
    // In the order in which everybody locks rows.
    TreeMap<Text, K> sorted = new TreeMap<>();
    all.forEach(key -> sorted.put(new Text(keys.of(key)), key));
    return howdah.transactionReturning(tx -> {
      boundWaits(tx);
      KeyValueStore<Stored> locking = tx.kv(kv.namespace(), Stored.CODEC);
      Map<K, Optional<Found<V>>> before = new LinkedHashMap<>();
      sorted.forEach((text, key) -> before.put(key, Optional.ofNullable(lock(locking, text))));
      Map<K, Change<V>> changes = decision.apply(before);
      Map<K, Done<V>> done = new LinkedHashMap<>();
      sorted.forEach((text, key) -> {
        Found<V> was = Objects.requireNonNull(before.get(key)).orElse(null);
        Change<V> change = changes.getOrDefault(key, Change.none());
        applyToLocked(locking, text.key, was != null, change);
        if (changes.containsKey(key)) {
          done.put(key, new Done<>(was, change));
        }
      });
      return done;
    });
  }

  /**
   * Locks a row, and reads it. A set where there is none locks the row that it refuses to
   * overwrite, and makes one where there is none, so that others wait for this transaction in both
   * cases; nobody else sees it.
   */
  private @Nullable Found<V> lock(KeyValueStore<Stored> locking, Text text) {
    String key = text.key.text();
    boolean absent = locking.setIfAbsent(key, Stored.PLACEHOLDER, Duration.ofDays(1)).isPresent();
    // It may have ended in between: then it is locked all the same.
    return absent ? null : locking.getEntry(key).map(entry -> found(entry.value())).orElse(null);
  }

  private void applyToLocked(
      KeyValueStore<Stored> locked, KeyTexts.KeyText text, boolean wasThere, Change<V> change) {
    String key = text.text();
    switch (change.kind()) {
      case NONE -> {
        if (!wasThere) {
          locked.delete(key);
        }
      }
      case TOUCH -> {
        if (!wasThere || change.ttl().ends()) {
          locked.delete(key);
        } else {
          end(locked, key, change.ttl());
        }
      }
      case REMOVE -> locked.delete(key);
      case PUT -> {
        Ttl ttl = change.ttl();
        if (ttl.ends()) {
          locked.delete(key);
        } else if (ttl.keeps() && wasThere) {
          Stored value = stored(text, change.put());
          var unused = locked.update(key, before -> value);
        } else {
          locked.set(key, stored(text, change.put()), ttl.duration());
        }
      }
    }
  }

  private static void boundWaits(Transaction tx) {
    try (Statement statement = tx.connection().createStatement()) {
      statement.execute(BOUND_WAITS);
    } catch (SQLException e) {
      throw new CacheException("cannot lock entries: " + e.getMessage(), e);
    }
  }

  private Found<V> found(Stored stored) {
    return new Found<>(() -> value(stored));
  }

  private V value(Stored stored) {
    Object value = serializer.read(stored.value(), valueType);
    if (!valueType.isInstance(value)) {
      throw new CacheException(
          "the cache holds a "
              + value.getClass().getName()
              + ", and is configured with "
              + valueType.getName());
    }
    return valueType.cast(value);
  }

  private Stored stored(KeyTexts.KeyText text, V value) {
    return new Stored(text.longText(), serializer.write(value));
  }

  /** The text of a key, in the order of Postgres: by its bytes, that is, by code points. */
  private record Text(KeyTexts.KeyText key) implements Comparable<Text> {
    @Override
    public int compareTo(Text other) {
      return Arrays.compareUnsigned(
          key.text().getBytes(StandardCharsets.UTF_8),
          other.key.text().getBytes(StandardCharsets.UTF_8));
    }
  }
}
