package io.howdah.jcache;

import io.howdah.HowdahException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.integration.CacheWriterException;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose entries are keys and values of a namespace. What each method does is said by {@link
 * Cache}; what Postgres adds to it, by docs/jcache.md.
 */
final class HowdahCache<K, V> implements Cache<K, V> {
  private final HowdahCacheManager manager;
  private final String name;
  private final CacheSettings<K, V> settings;
  private final EntryStore<K, V> store;
  private final Expiry expiry;
  private final OuterStore<K, V> outer;
  private final Listeners<K, V> listeners;
  private final ExpiryWatch<K, V> watch;
  private final Executor executor;
  private final Statistics statistics = new Statistics();
  private final Bean statisticsBean;
  private final Bean managementBean;
  private final ReentrantReadWriteLock loading = new ReentrantReadWriteLock();
  private final AtomicBoolean closed = new AtomicBoolean();

  HowdahCache(
      HowdahCacheManager manager,
      String name,
      CacheSettings<K, V> settings,
      EntryStore<K, V> store,
      Executor executor) {
    this.manager = manager;
    this.name = name;
    this.settings = settings;
    this.store = store;
    this.expiry = new Expiry(settings.configuration().getExpiryPolicyFactory().create());
    this.outer = settings.outerStore();
    this.executor = executor;
    this.listeners = new Listeners<>(this, new Serially(executor));
    this.watch = new ExpiryWatch<>(store, listeners, executor);
    settings.configuration().getCacheEntryListenerConfigurations().forEach(listeners::add);
    String uri = manager.getURI().toString();
    this.statisticsBean = new Bean(statistics, "CacheStatistics", uri, name);
    this.managementBean =
        new Bean(new Management(settings.configuration()), "CacheConfiguration", uri, name);
    enableStatistics(settings.configuration().isStatisticsEnabled());
    enableManagement(settings.configuration().isManagementEnabled());
  }

  void enableStatistics(boolean enabled) {
    settings.configuration().setStatisticsEnabled(enabled);
    statistics.enable(enabled);
    statisticsBean.register(enabled);
  }

  void enableManagement(boolean enabled) {
    settings.configuration().setManagementEnabled(enabled);
    managementBean.register(enabled);
  }

  // ---------------------------------------------------------------- reading

  @Override
  @SuppressWarnings("NullAway") // null when there is none, as the interface says
  public V get(K key) {
    checkKey(key);
    return call(() -> {
      long began = System.nanoTime();
      V value = store.get(key);
      statistics.found(value != null);
      if (value != null) {
        accessed(key, value);
      } else if (settings.configuration().isReadThrough()) {
        value = loadIfAbsent(key);
      }
      statistics.tookGet(began);
      return value;
    });
  }

  @Override
  public Map<K, V> getAll(Set<? extends K> keys) {
    checkKeys(keys);
    return call(() -> {
      long began = System.nanoTime();
      Map<K, V> found = store.getAll(keys);
      statistics.found(found.size(), keys.size() - found.size());
      found.forEach(this::accessed);
      if (found.size() < keys.size() && settings.configuration().isReadThrough()) {
        Set<K> missing = new HashSet<>(keys);
        missing.removeAll(found.keySet());
        outer.loadAll(missing).forEach((key, value) -> found.put(key, putLoaded(key, value)));
      }
      statistics.tookGet(began);
      return found;
    });
  }

  @Override
  public boolean containsKey(K key) {
    checkKey(key);
    return call(() -> store.contains(key));
  }

  /** In the order of the keys as they are stored. */
  @Override
  public Iterator<Entry<K, V>> iterator() {
    checkOpen();
    Iterator<EntryStore.Row<K, V>> rows = store.all().iterator();
    return new Iterator<>() {
      private @Nullable K last;

      @Override
      public boolean hasNext() {
        return call(rows::hasNext);
      }

      @Override
      public Entry<K, V> next() {
        return call(() -> {
          long began = System.nanoTime();
          EntryStore.Row<K, V> row = rows.next();
          last = row.key();
          statistics.found(true);
          accessed(row.key(), row.value());
          statistics.tookGet(began);
          return new CacheEntry<>(row.key(), row.value());
        });
      }

      @Override
      public void remove() {
        K key = last;
        if (key == null) {
          throw new IllegalStateException("next() has not been called");
        }
        last = null;
        var unused = HowdahCache.this.remove(key);
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
          changed(
              key,
              false,
              before -> {
                boolean same = before != null && before.value().equals(value);
                return same ? Change.touch(ttl) : Change.none();
              });
    } else {
      store.touch(key, ttl);
      watch.touched(key, ttl);
    }
  }

  private @Nullable V loadIfAbsent(K key) {
    V loaded = outer.load(key);
    return loaded == null ? null : putLoaded(key, loaded);
  }

  /** What is there afterwards: another one's value, where somebody was faster. */
  private V putLoaded(K key, V loaded) {
    Done<V> done = changed(key, false, before -> putIfAbsent(before, loaded));
    V other = done.oldValue();
    return other == null ? loaded : other;
  }

  private Change<V> putIfAbsent(@Nullable Found<V> before, V value) {
    return before == null ? Change.put(value, expiry.ofCreation()) : Change.none();
  }

  @Override
  public void loadAll(
      Set<? extends K> keys, boolean replaceExistingValues, CompletionListener completionListener) {
    checkKeys(keys);
    if (!outer.loads()) {
      if (completionListener != null) {
        completionListener.onCompletion();
      }
      return;
    }
    Set<K> wanted = new HashSet<>(keys);
    executor.execute(() -> {
      Exception failure = null;
      try {
        run(() -> {
          loadUnlessClosed(wanted, replaceExistingValues);
        });
      } catch (RuntimeException e) {
        failure = e;
      }
      if (completionListener == null) {
        return;
      }
      if (failure == null) {
        completionListener.onCompletion();
      } else {
        completionListener.onException(failure);
      }
    });
  }

  /** The loader is not closed while it loads, nor asked once it is closed. */
  private void loadUnlessClosed(Set<K> wanted, boolean replaceExistingValues) {
    loading.readLock().lock();
    try {
      checkOpen();
      loadAll(wanted, replaceExistingValues);
    } finally {
      loading.readLock().unlock();
    }
  }

  private void loadAll(Set<K> wanted, boolean replaceExistingValues) {
    if (replaceExistingValues) {
      outer
          .loadAll(wanted)
          .forEach(
              (key, value) -> statistics.done(changed(key, false, before -> put(before, value))));
    } else {
      wanted.removeAll(store.getAll(wanted).keySet());
      outer
          .loadAll(wanted)
          .forEach((key, value) ->
              statistics.done(changed(key, false, before -> putIfAbsent(before, value))));
    }
  }

  // ---------------------------------------------------------------- putting

  @Override
  public void put(K key, V value) {
    checkEntry(key, value);
    run(() -> {
      long began = System.nanoTime();
      Ttl ttl = ttlOfAnyPut();
      if (ttl != null) {
        store.set(key, value, ttl);
        statistics.put(1);
      } else {
        statistics.done(putting(key, value));
      }
      statistics.tookPut(began);
    });
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> map) {
    checkOpen();
    Map<K, V> entries = new LinkedHashMap<>(map);
    entries.forEach(this::checkEntry);
    run(() -> {
      long began = System.nanoTime();
      Ttl ttl = ttlOfAnyPut();
      if (ttl != null) {
        store.setAll(entries, ttl);
        statistics.put(entries.size());
      } else if (writesThrough() && !entries.isEmpty()) {
        changeAll(
            entries.keySet(),
            () -> outer.writeAll(entries),
            (key, before) -> put(before, Objects.requireNonNull(entries.get(key))));
      } else {
        entries.forEach((key, value) -> statistics.done(putting(key, value)));
      }
      statistics.tookPut(began);
    });
  }

  /**
   * The end that a put gives its entry, where a put needs to know nothing about what is there; null
   * where it does, because somebody is told, or asked.
   */
  private @Nullable Ttl ttlOfAnyPut() {
    Ttl ttl = listeners.isEmpty() && !writesThrough() ? expiry.ofAnyPut() : null;
    return ttl == null || ttl.ends() ? null : ttl;
  }

  private Done<V> putting(K key, V value) {
    return changed(
        key,
        writesThrough(),
        before -> {
          write(key, value);
          return put(before, value);
        });
  }

  private Change<V> put(@Nullable Found<V> before, V value) {
    return Change.put(value, before == null ? expiry.ofCreation() : expiry.ofUpdate());
  }

  @Override
  @SuppressWarnings("NullAway") // null when there was none, as the interface says
  public V getAndPut(K key, V value) {
    checkEntry(key, value);
    return call(() -> {
      long began = System.nanoTime();
      Done<V> done = putting(key, value);
      statistics.done(done);
      statistics.found(done.wasThere());
      V old = done.oldValue();
      statistics.tookGet(began);
      statistics.tookPut(began);
      return old;
    });
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    checkEntry(key, value);
    return call(() -> {
      long began = System.nanoTime();
      Done<V> done =
          changed(
              key,
              writesThrough(),
              before -> {
                if (before == null) {
                  write(key, value);
                }
                return putIfAbsent(before, value);
              });
      statistics.found(done.wasThere());
      statistics.done(done);
      statistics.tookPut(began);
      return done.hasPut();
    });
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    checkEntry(key, newValue);
    checkValue(oldValue);
    return replacing(key, oldValue, newValue).hasPut();
  }

  @Override
  public boolean replace(K key, V value) {
    checkEntry(key, value);
    return replacing(key, null, value).hasPut();
  }

  @Override
  @SuppressWarnings("NullAway") // null when there was none, as the interface says
  public V getAndReplace(K key, V value) {
    checkEntry(key, value);
    return call(() -> replacing(key, null, value).oldValue());
  }

  private Done<V> replacing(K key, @Nullable V expected, V value) {
    return call(() -> {
      long began = System.nanoTime();
      Done<V> done =
          changed(
              key,
              writesThrough(),
              before -> {
                if (before == null) {
                  return Change.none();
                }
                if (expected != null && !before.value().equals(expected)) {
                  return Change.touch(expiry.ofAccess());
                }
                write(key, value);
                return Change.put(value, expiry.ofUpdate());
              });
      statistics.found(done.wasThere());
      statistics.done(done);
      statistics.tookGet(began);
      if (done.hasPut()) {
        statistics.tookPut(began);
      }
      return done;
    });
  }

  // ---------------------------------------------------------------- removing

  @Override
  public boolean remove(K key) {
    checkKey(key);
    return call(() -> {
      long began = System.nanoTime();
      Done<V> done = removing(key);
      statistics.done(done);
      statistics.tookRemove(began);
      return done.hasRemoved();
    });
  }

  private Done<V> removing(K key) {
    return changed(
        key,
        writesThrough(),
        before -> {
          delete(key);
          return Change.remove();
        });
  }

  @Override
  public boolean remove(K key, V oldValue) {
    checkEntry(key, oldValue);
    return call(() -> {
      long began = System.nanoTime();
      Done<V> done =
          changed(
              key,
              writesThrough(),
              before -> {
                if (before == null) {
                  return Change.none();
                }
                if (!before.value().equals(oldValue)) {
                  return Change.touch(expiry.ofAccess());
                }
                delete(key);
                return Change.remove();
              });
      statistics.found(done.wasThere());
      statistics.done(done);
      statistics.tookRemove(began);
      return done.hasRemoved();
    });
  }

  @Override
  @SuppressWarnings("NullAway") // null when there was none, as the interface says
  public V getAndRemove(K key) {
    checkKey(key);
    return call(() -> {
      long began = System.nanoTime();
      Done<V> done = removing(key);
      statistics.found(done.wasThere());
      statistics.done(done);
      V old = done.oldValue();
      statistics.tookGet(began);
      statistics.tookRemove(began);
      return old;
    });
  }

  @Override
  public void removeAll(Set<? extends K> keys) {
    checkKeys(keys);
    run(() -> {
      removeAllOf(keys);
    });
  }

  @Override
  public void removeAll() {
    run(() -> {
      if (listeners.isEmpty() && !writesThrough()) {
        long began = System.nanoTime();
        statistics.removed(store.deleteAll());
        statistics.tookRemove(began);
      } else {
        removeAllOf(store.all().map(EntryStore.Row::key).toList());
      }
    });
  }

  private void removeAllOf(Collection<? extends K> keys) {
    if (keys.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    if (writesThrough()) {
      changeAll(keys, () -> outer.deleteAll(keys), (key, before) -> Change.remove());
    } else if (listeners.isEmpty()) {
      statistics.removed(store.deleteAll(keys));
    } else {
      keys.forEach(key -> statistics.done(removing(key)));
    }
    statistics.tookRemove(began);
  }

  @Override
  public void clear() {
    run(() -> {
      store.clear();
      watch.clear();
    });
  }

  // ---------------------------------------------------------------- processors

  @Override
  @SuppressWarnings("NullAway") // null where the processor returns it, as the interface says
  public <T> T invoke(K key, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
    checkKey(key);
    Objects.requireNonNull(entryProcessor, "entryProcessor");
    return call(() -> invoking(key, entryProcessor, arguments));
  }

  private <T> @Nullable T invoking(K key, EntryProcessor<K, V, T> processor, Object... arguments) {
    long began = System.nanoTime();
    AtomicReference<@Nullable T> result = new AtomicReference<>();
    Done<V> done =
        changed(
            key,
            true,
            before -> {
              statistics.found(before != null);
              ProcessorEntry<K, V> entry =
                  new ProcessorEntry<>(
                      key,
                      before,
                      k -> settings.configuration().isReadThrough() ? outer.load(k) : null);
              result.set(process(processor, entry, arguments));
              Change<V> change = entry.change(expiry);
              if (entry.isToBeWritten()) {
                if (change.is(Change.Kind.REMOVE)) {
                  delete(key);
                } else {
                  write(key, change.put());
                }
              }
              return change;
            });
    statistics.done(done);
    statistics.tookGet(began);
    if (done.hasPut()) {
      statistics.tookPut(began);
    }
    if (done.hasRemoved()) {
      statistics.tookRemove(began);
    }
    return result.get();
  }

  private <T> @Nullable T process(
      EntryProcessor<K, V, T> processor, ProcessorEntry<K, V> entry, Object... arguments) {
    try {
      return processor.process(entry, arguments);
    } catch (EntryProcessorException e) {
      throw e;
    } catch (Exception | LinkageError e) {
      throw new EntryProcessorException("the entry processor failed: " + e.getMessage(), e);
    }
  }

  /** One transaction for each key. */
  @Override
  public <T> Map<K, EntryProcessorResult<T>> invokeAll(
      Set<? extends K> keys, EntryProcessor<K, V, T> entryProcessor, Object... arguments) {
    checkKeys(keys);
    Objects.requireNonNull(entryProcessor, "entryProcessor");
    Map<K, EntryProcessorResult<T>> results = new HashMap<>();
    for (K key : keys) {
      try {
        T result = call(() -> invoking(key, entryProcessor, arguments));
        if (result != null) {
          results.put(key, () -> result);
        }
      } catch (CacheException e) {
        EntryProcessorException failure =
            e instanceof EntryProcessorException already
                ? already
                : new EntryProcessorException(e.getMessage(), e);
        results.put(
            key,
            () -> {
              throw failure;
            });
      }
    }
    return results;
  }

  // ---------------------------------------------------------------- changing, and telling

  private boolean writesThrough() {
    return outer.writes() && settings.configuration().isWriteThrough();
  }

  private void write(K key, V value) {
    if (writesThrough()) {
      outer.write(key, value);
    }
  }

  private void delete(K key) {
    if (writesThrough()) {
      outer.delete(key);
    }
  }

  /**
   * Changes an entry, and tells the listeners.
   *
   * @param once whether the decision must not be made twice
   */
  private Done<V> changed(K key, boolean once, Done.Decision<V> decision) {
    return listeners.inOrder(
        List.of(key),
        () -> {
          Done<V> done = once ? store.lockAndChange(key, decision) : store.change(key, decision);
          told(key, done);
          return done;
        });
  }

  private void told(K key, Done<V> done) {
    watch.changed(key, done);
    listeners.tell(key, done);
  }

  private interface EachDecision<K, V> {
    Change<V> decide(K key, @Nullable Found<V> before);
  }

  /** Changes entries after the writer has written them together; those that it could not, stay. */
  private void changeAll(
      Collection<? extends K> keys,
      Supplier<OuterStore.Written<K>> writing,
      EachDecision<K, V> each) {
    AtomicReference<@Nullable CacheWriterException> failure = new AtomicReference<>();
    Map<K, Done<V>> done =
        listeners.inOrder(
            keys,
            () -> {
              Map<K, Done<V>> all =
                  store.lockAndChangeAll(
                      keys,
                      locked -> {
                        OuterStore.Written<K> written = writing.get();
                        failure.set(written.failure());
                        Map<K, Change<V>> changes = new LinkedHashMap<>();
                        locked.forEach((key, before) -> {
                          if (!written.failed().contains(key)) {
                            changes.put(key, each.decide(key, before.orElse(null)));
                          }
                        });
                        return changes;
                      });
              all.forEach(this::told);
              return all;
            });
    done.values().forEach(statistics::done);
    CacheWriterException thrown = failure.get();
    if (thrown != null) {
      throw thrown;
    }
  }

  // ---------------------------------------------------------------- the rest

  @Override
  public String getName() {
    return name;
  }

  @Override
  public CacheManager getCacheManager() {
    return manager;
  }

  @Override
  public <C extends Configuration<K, V>> C getConfiguration(Class<C> type) {
    return Unwrap.as(settings.configuration(), type);
  }

  @Override
  public void registerCacheEntryListener(CacheEntryListenerConfiguration<K, V> configuration) {
    checkOpen();
    settings.configuration().addCacheEntryListenerConfiguration(configuration);
    listeners.add(configuration);
  }

  @Override
  public void deregisterCacheEntryListener(CacheEntryListenerConfiguration<K, V> configuration) {
    checkOpen();
    Objects.requireNonNull(configuration, "cacheEntryListenerConfiguration");
    settings.configuration().removeCacheEntryListenerConfiguration(configuration);
    listeners.remove(configuration);
  }

  @Override
  public <T> T unwrap(Class<T> type) {
    return Unwrap.as(this, type);
  }

  @Override
  public boolean isClosed() {
    return closed.get();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      manager.closed(this);
      statisticsBean.register(false);
      managementBean.register(false);
      watch.clear();
      listeners.close();
      loading.writeLock().lock();
      try {
        outer.close();
      } finally {
        loading.writeLock().unlock();
      }
      Closing.quietly(expiry.policy());
    }
  }

  /** Whether it holds these types. */
  boolean holds(Class<?> keyType, Class<?> valueType) {
    return settings.configuration().getKeyType().equals(keyType)
        && settings.configuration().getValueType().equals(valueType);
  }

  String types() {
    return settings.configuration().getKeyType().getName()
        + " and "
        + settings.configuration().getValueType().getName();
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the cache '" + name + "' is closed");
    }
  }

  private void checkKey(K key) {
    checkOpen();
    check("key", key, settings.configuration().getKeyType());
  }

  private void checkValue(V value) {
    check("value", value, settings.configuration().getValueType());
  }

  private void checkEntry(K key, V value) {
    checkKey(key);
    checkValue(value);
  }

  private void checkKeys(Set<? extends K> keys) {
    checkOpen();
    Objects.requireNonNull(keys, "keys").forEach(this::checkKey);
  }

  private static void check(String what, @Nullable Object object, Class<?> type) {
    Objects.requireNonNull(object, what);
    if (!type.isInstance(object)) {
      throw new ClassCastException(
          what + ": " + type.getName() + " expected, got " + object.getClass().getName());
    }
  }

  private void run(Runnable operation) {
    var unused =
        call(() -> {
          operation.run();
          return true;
        });
  }

  /** Runs an operation; what the database refuses is a {@link CacheException}. */
  private <R> R call(Supplier<R> operation) {
    checkOpen();
    try {
      return operation.get();
    } catch (HowdahException e) {
      throw new CacheException("cache '" + name + "': " + e.getMessage(), e);
    }
  }
}
