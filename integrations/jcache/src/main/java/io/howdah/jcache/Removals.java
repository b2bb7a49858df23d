package io.howdah.jcache;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Removes entries of a cache. */
final class Removals<K, V> {
  private final EntryStore<K, V> store;
  private final OuterStore<K, V> outer;
  private final Expiry expiry;
  private final Changes<K, V> changes;
  private final Statistics statistics;

  Removals(
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

  boolean remove(K key) {
    long began = System.nanoTime();
    Done<V> done = removing(key);
    statistics.done(done);
    statistics.tookRemove(began);
    return done.hasRemoved();
  }

  private Done<V> removing(K key) {
    return changes.written(
        key,
        before -> {
          outer.delete(key);
          return Change.remove();
        });
  }

  /** Removes an entry that has this value. */
  boolean remove(K key, V expected) {
    long began = System.nanoTime();
    Done<V> done =
        changes.written(
            key,
            before -> {
              if (before == null) {
                return Change.none();
              }
              if (!before.value().equals(expected)) {
                return Change.touch(expiry.ofAccess());
              }
              outer.delete(key);
              return Change.remove();
            });
    statistics.found(done.wasThere());
    statistics.done(done);
    statistics.tookRemove(began);
    return done.hasRemoved();
  }

  @Nullable V getAndRemove(K key) {
    long began = System.nanoTime();
    Done<V> done = removing(key);
    statistics.found(done.wasThere());
    statistics.done(done);
    V old = done.oldValue();
    statistics.tookGet(began);
    statistics.tookRemove(began);
    return old;
  }

  void removeAll(Collection<? extends K> keys) {
    if (keys.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    if (outer.writesThrough()) {
      changes.writtenTogether(keys, () -> outer.deleteAll(keys), (key, before) -> Change.remove());
    } else if (changes.areWatched()) {
      keys.forEach(key -> statistics.done(removing(key)));
    } else {
      statistics.removed(store.deleteAll(keys));
    }
    statistics.tookRemove(began);
  }

  void removeAll() {
    if (changes.areWatched()) {
      removeAll(store.all().map(EntryStore.Row::key).toList());
      return;
    }
    long began = System.nanoTime();
    statistics.removed(store.deleteAll());
    statistics.tookRemove(began);
  }
}
