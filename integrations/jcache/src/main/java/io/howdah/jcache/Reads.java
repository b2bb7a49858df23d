package io.howdah.jcache;

import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import javax.cache.Cache;
import org.jspecify.annotations.Nullable;

/** Reads entries of a cache: counts it, prolongs what the policy says, and loads what is absent. */
final class Reads<K, V> {
  private final EntryStore<K, V> store;
  private final Loads<K, V> loads;
  private final Expiry expiry;
  private final ExpiryWatch<K, V> watch;
  private final Changes<K, V> changes;
  private final Statistics statistics;

  Reads(
      EntryStore<K, V> store,
      Loads<K, V> loads,
      Expiry expiry,
      ExpiryWatch<K, V> watch,
      Changes<K, V> changes,
      Statistics statistics) {
    this.store = store;
    this.loads = loads;
    this.expiry = expiry;
    this.watch = watch;
    this.changes = changes;
    this.statistics = statistics;
  }

  @Nullable V get(K key) {
    long began = System.nanoTime();
    V value = store.get(key);
    statistics.found(value != null);
    if (value == null) {
      value = loads.readThrough(key);
    } else {
      accessed(key, value);
    }
    statistics.tookGet(began);
    return value;
  }

  Map<K, V> getAll(Set<? extends K> keys) {
    long began = System.nanoTime();
    Map<K, V> found = store.getAll(keys);
    statistics.found(found.size(), keys.size() - found.size());
    found.forEach(this::accessed);
    found.putAll(loads.readThrough(keys, found.keySet()));
    statistics.tookGet(began);
    return found;
  }

  /** All entries, in the order of the keys as they are stored. Each that is taken is a read. */
  Iterator<Cache.Entry<K, V>> all() {
    Iterator<EntryStore.Row<K, V>> rows = store.all().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Cache.Entry<K, V> next() {
        long began = System.nanoTime();
        EntryStore.Row<K, V> row = rows.next();
        statistics.found(true);
        accessed(row.key(), row.value());
        statistics.tookGet(began);
        return new CacheEntry<>(row.key(), row.value());
      }
    };
  }

  private void accessed(K key, V value) {
    if (expiry.ignoresAccess()) {
      return;
    }
    Ttl ttl = expiry.ofAccess();
    if (ttl.ends()) {
      var unused =
          changes.decided(
              key,
              before -> {
                boolean same = before != null && before.value().equals(value);
                return same ? Change.touch(ttl) : Change.none();
              });
    } else {
      store.touch(key, ttl);
      watch.touched(key, ttl);
    }
  }
}
