package io.howdah.jcache;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import javax.cache.integration.CompletionListener;
import org.jspecify.annotations.Nullable;

/** Loads entries of a cache from the outer store. */
final class Loads<K, V> {
  private final EntryStore<K, V> store;
  private final OuterStore<K, V> outer;
  private final Changes<K, V> changes;
  private final Statistics statistics;
  private final ReentrantReadWriteLock loading = new ReentrantReadWriteLock();

  Loads(
      EntryStore<K, V> store,
      OuterStore<K, V> outer,
      Changes<K, V> changes,
      Statistics statistics) {
    this.store = store;
    this.outer = outer;
    this.changes = changes;
    this.statistics = statistics;
  }

  /** Whether there is a loader. */
  boolean arePossible() {
    return outer.loads();
  }

  /** What a reader of an absent entry gets; null where there is nothing, or none is loaded. */
  @Nullable V readThrough(K key) {
    V loaded = outer.readsThrough() ? outer.load(key) : null;
    return loaded == null ? null : putLoaded(key, loaded);
  }

  /** What a reader of keys gets for those that are absent. */
  Map<K, V> readThrough(Set<? extends K> keys, Set<K> present) {
    Map<K, V> got = new LinkedHashMap<>();
    if (present.size() < keys.size() && outer.readsThrough()) {
      Set<K> absent = new HashSet<>(keys);
      absent.removeAll(present);
      outer.loadAll(absent).forEach((key, value) -> got.put(key, putLoaded(key, value)));
    }
    return got;
  }

  /** What is there afterwards: another one's value, where somebody was faster. */
  private V putLoaded(K key, V loaded) {
    V other = changes.decided(key, before -> changes.putIfAbsent(before, loaded)).oldValue();
    return other == null ? loaded : other;
  }

  /**
   * Puts what the loader has for the keys. The loader is not closed meanwhile.
   *
   * @param check throws when the cache is closed
   * @param replace whether entries that are there are loaded anew
   */
  void all(Set<? extends K> keys, boolean replace, Runnable check) {
    loading.readLock().lock();
    try {
      check.run();
      Set<K> wanted = new HashSet<>(keys);
      if (!replace) {
        wanted.removeAll(store.getAll(wanted).keySet());
      }
      outer
          .loadAll(wanted)
          .forEach((key, value) ->
              statistics.done(
                  changes.decided(
                      key,
                      before ->
                          replace
                              ? changes.put(before, value)
                              : changes.putIfAbsent(before, value))));
    } finally {
      loading.readLock().unlock();
    }
  }

  /**
   * Tells the one that waits for a load.
   *
   * @param listener null when nobody waits
   * @param failure null when it went well
   */
  static void tell(@Nullable CompletionListener listener, @Nullable Exception failure) {
    if (listener == null) {
      return;
    }
    if (failure == null) {
      listener.onCompletion();
    } else {
      listener.onException(failure);
    }
  }

  /** Closes the outer store when nobody loads any more. */
  void close() {
    loading.writeLock().lock();
    try {
      outer.close();
    } finally {
      loading.writeLock().unlock();
    }
  }
}
