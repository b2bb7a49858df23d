package io.howdah.jcache;

import io.howdah.HowdahException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.CacheEntryListenerConfiguration;
import javax.cache.configuration.Configuration;
import javax.cache.configuration.MutableConfiguration;
import javax.cache.integration.CompletionListener;
import javax.cache.processor.EntryProcessor;
import javax.cache.processor.EntryProcessorException;
import javax.cache.processor.EntryProcessorResult;
import org.jspecify.annotations.Nullable;

/**
 * A cache whose entries are keys and values of a namespace. What each method does is said by {@link
 * Cache}; what Postgres adds to it, by docs/jcache.md.
 *
 * <p>Here arguments are checked, and faults become those of JCache.
 */
final class HowdahCache<K, V> implements Cache<K, V> {
  private final HowdahCacheManager manager;
  private final String name;
  private final MutableConfiguration<K, V> configuration;
  private final EntryStore<K, V> store;
  private final Expiry expiry;
  private final Listeners<K, V> listeners;
  private final ExpiryWatch<K, V> watch;
  private final Loads<K, V> loads;
  private final Reads<K, V> reads;
  private final Puts<K, V> puts;
  private final Removals<K, V> removals;
  private final Processors<K, V> processors;
  private final Executor executor;
  private final Statistics statistics = new Statistics();
  private final Bean statisticsBean;
  private final Bean managementBean;
  private final AtomicBoolean closed = new AtomicBoolean();

  HowdahCache(
      HowdahCacheManager manager,
      String name,
      MutableConfiguration<K, V> configuration,
      EntryStore<K, V> store,
      Executor executor) {
    this.manager = manager;
    this.name = name;
    this.configuration = configuration;
    this.store = store;
    this.executor = executor;
    this.expiry = new Expiry(configuration.getExpiryPolicyFactory().create());
    this.listeners = new Listeners<>(this, new Serially(executor));
    this.watch = new ExpiryWatch<>(store, listeners, executor);
    OuterStore<K, V> outer = new OuterStore<>(configuration);
    Changes<K, V> changes = new Changes<>(store, outer, expiry, listeners, watch, statistics);
    this.loads = new Loads<>(store, outer, changes, statistics);
    this.reads = new Reads<>(store, loads, expiry, watch, changes, statistics);
    this.puts = new Puts<>(store, outer, expiry, changes, statistics);
    this.removals = new Removals<>(store, outer, expiry, changes, statistics);
    this.processors = new Processors<>(outer, expiry, changes, statistics);
    configuration.getCacheEntryListenerConfigurations().forEach(listeners::add);
    String uri = manager.getURI().toString();
    this.statisticsBean = new Bean(statistics, "CacheStatistics", uri, name);
    this.managementBean = new Bean(new Management(configuration), "CacheConfiguration", uri, name);
    enableStatistics(configuration.isStatisticsEnabled());
    enableManagement(configuration.isManagementEnabled());
  }

  void enableStatistics(boolean enabled) {
    configuration.setStatisticsEnabled(enabled);
    statistics.enable(enabled);
    statisticsBean.register(enabled);
  }

  void enableManagement(boolean enabled) {
    configuration.setManagementEnabled(enabled);
    managementBean.register(enabled);
  }

  // ---------------------------------------------------------------- reading

  @Override
  @SuppressWarnings("NullAway") // null when there is none, as the interface says
  public V get(K key) {
    checkKey(key);
    return call(() -> reads.get(key));
  }

  @Override
  public Map<K, V> getAll(Set<? extends K> keys) {
    checkKeys(keys);
    return call(() -> reads.getAll(keys));
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
    Iterator<Entry<K, V>> entries = reads.all();
    return new Iterator<>() {
      private @Nullable K last;

      @Override
      public boolean hasNext() {
        return call(entries::hasNext);
      }

      @Override
      public Entry<K, V> next() {
        Entry<K, V> entry = call(entries::next);
        last = entry.getKey();
        return entry;
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

  @Override
  public void loadAll(
      Set<? extends K> keys, boolean replaceExistingValues, CompletionListener completionListener) {
    checkKeys(keys);
    if (!loads.arePossible()) {
      Loads.tell(completionListener, null);
      return;
    }
    Set<K> wanted = new HashSet<>(keys);
    executor.execute(() -> {
      Exception failure = null;
      try {
        run(() -> loads.all(wanted, replaceExistingValues, this::checkOpen));
      } catch (RuntimeException e) {
        failure = e;
      }
      Loads.tell(completionListener, failure);
    });
  }

  // ---------------------------------------------------------------- putting

  @Override
  public void put(K key, V value) {
    checkEntry(key, value);
    run(() -> puts.put(key, value));
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> map) {
    checkOpen();
    Map<K, V> entries = new LinkedHashMap<>(map);
    entries.forEach(this::checkEntry);
    run(() -> puts.putAll(entries));
  }

  @Override
  @SuppressWarnings("NullAway") // null when there was none, as the interface says
  public V getAndPut(K key, V value) {
    checkEntry(key, value);
    return call(() -> puts.getAndPut(key, value));
  }

  @Override
  public boolean putIfAbsent(K key, V value) {
    checkEntry(key, value);
    return call(() -> puts.putIfAbsent(key, value));
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    checkEntry(key, newValue);
    checkValue(oldValue);
    return call(() -> puts.replace(key, oldValue, newValue).hasPut());
  }

  @Override
  public boolean replace(K key, V value) {
    checkEntry(key, value);
    return call(() -> puts.replace(key, null, value).hasPut());
  }

  @Override
  @SuppressWarnings("NullAway") // null when there was none, as the interface says
  public V getAndReplace(K key, V value) {
    checkEntry(key, value);
    return call(() -> puts.replace(key, null, value).oldValue());
  }

  // ---------------------------------------------------------------- removing

  @Override
  public boolean remove(K key) {
    checkKey(key);
    return call(() -> removals.remove(key));
  }

  @Override
  public boolean remove(K key, V oldValue) {
    checkEntry(key, oldValue);
    return call(() -> removals.remove(key, oldValue));
  }

  @Override
  @SuppressWarnings("NullAway") // null when there was none, as the interface says
  public V getAndRemove(K key) {
    checkKey(key);
    return call(() -> removals.getAndRemove(key));
  }

  @Override
  public void removeAll(Set<? extends K> keys) {
    checkKeys(keys);
    run(() -> removals.removeAll(keys));
  }

  @Override
  public void removeAll() {
    run(removals::removeAll);
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
    return call(() -> processors.invoke(key, entryProcessor, arguments));
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
        T result = call(() -> processors.invoke(key, entryProcessor, arguments));
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

  // ---------------------------------------------------------------- the cache itself

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
    return Unwrap.as(configuration, type);
  }

  @Override
  public void registerCacheEntryListener(CacheEntryListenerConfiguration<K, V> listener) {
    checkOpen();
    configuration.addCacheEntryListenerConfiguration(listener);
    listeners.add(listener);
  }

  @Override
  public void deregisterCacheEntryListener(CacheEntryListenerConfiguration<K, V> listener) {
    checkOpen();
    Objects.requireNonNull(listener, "cacheEntryListenerConfiguration");
    configuration.removeCacheEntryListenerConfiguration(listener);
    listeners.remove(listener);
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
      loads.close();
      Closing.quietly(expiry.policy());
    }
  }

  /** Whether it holds these types. */
  boolean holds(Class<?> keyType, Class<?> valueType) {
    return configuration.getKeyType().equals(keyType)
        && configuration.getValueType().equals(valueType);
  }

  String types() {
    return configuration.getKeyType().getName() + " and " + configuration.getValueType().getName();
  }

  // ---------------------------------------------------------------- checks, and faults

  private void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the cache '" + name + "' is closed");
    }
  }

  private void checkKey(K key) {
    checkOpen();
    check("key", key, configuration.getKeyType());
  }

  private void checkValue(V value) {
    check("value", value, configuration.getValueType());
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
