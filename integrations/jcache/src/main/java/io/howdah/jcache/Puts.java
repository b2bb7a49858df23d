package io.howdah.jcache;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts entries into a cache, and replaces them. */
final class Puts<K, V> {
  private final EntryStore<K, V> store;
  private final OuterStore<K, V> outer;
  private final Expiry expiry;
  private final Changes<K, V> changes;
  private final Statistics statistics;

  Puts(
      EntryStore<K, V> store,
      OuterStore<K, V> outer,
      Expiry expiry,
      Changes<K, V> changes,
      Statistics statistics) {
    this.store = store;
    this.outer = outer;
    this.expiry = expiry;
    this.changes = changes;
    this.statistics = statistics;
  }

  void put(K key, V value) {
    long began = System.nanoTime();
    Ttl ttl = ttlOfAnyPut();
    if (ttl != null) {
      store.set(key, value, ttl);
      statistics.put(1);
    } else {
      statistics.done(putting(key, value));
    }
    statistics.tookPut(began);
  }

  void putAll(Map<K, V> entries) {
    long began = System.nanoTime();
    Ttl ttl = ttlOfAnyPut();
    if (ttl != null) {
      store.setAll(entries, ttl);
      statistics.put(entries.size());
    } else if (outer.writesThrough() && !entries.isEmpty()) {
      changes.writtenTogether(
          entries.keySet(),
          () -> outer.writeAll(entries),
          (key, before) -> changes.put(before, Objects.requireNonNull(entries.get(key))));
    } else {
      entries.forEach((key, value) -> statistics.done(putting(key, value)));
    }
    statistics.tookPut(began);
  }

  /**
   * The end that a put gives its entry, where a put needs to know nothing about what is there; null
   * where it does.
   */
  private @Nullable Ttl ttlOfAnyPut() {
    Ttl ttl = changes.areWatched() ? null : expiry.ofAnyPut();
    return ttl == null || ttl.ends() ? null : ttl;
  }

  private Done<V> putting(K key, V value) {
    return changes.written(
        key,
        before -> {
          outer.write(key, value);
          return changes.put(before, value);
        });
  }

  @Nullable V getAndPut(K key, V value) {
    long began = System.nanoTime();
    Done<V> done = putting(key, value);
    statistics.done(done);
    statistics.found(done.wasThere());
    V old = done.oldValue();
    statistics.tookGet(began);
    statistics.tookPut(began);
    return old;
  }

  boolean putIfAbsent(K key, V value) {
    long began = System.nanoTime();
    Done<V> done =
        changes.written(
            key,
            before -> {
              if (before == null) {
                outer.write(key, value);
              }
              return changes.putIfAbsent(before, value);
            });
    statistics.found(done.wasThere());
    statistics.done(done);
    statistics.tookPut(began);
    return done.hasPut();
  }

  /**
   * Puts a value where there is one.
   *
   * @param expected only in place of this one; null for any
   */
  Done<V> replace(K key, @Nullable V expected, V value) {
    long began = System.nanoTime();
    Done<V> done =
        changes.written(
            key,
            before -> {
              if (before == null) {
                return Change.none();
              }
              if (expected != null && !before.value().equals(expected)) {
                return Change.touch(expiry.ofAccess());
              }
              outer.write(key, value);
              return Change.put(value, expiry.ofUpdate());
            });
    statistics.found(done.wasThere());
    statistics.done(done);
    statistics.tookGet(began);
    if (done.hasPut()) {
      statistics.tookPut(began);
    }
    return done;
  }
}
