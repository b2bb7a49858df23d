package io.howdah.jcache;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.cache.Cache;
import javax.cache.configuration.CompleteConfiguration;
import javax.cache.configuration.Factory;
import javax.cache.integration.CacheLoader;
import javax.cache.integration.CacheLoaderException;
import javax.cache.integration.CacheWriter;
import javax.cache.integration.CacheWriterException;
import org.jspecify.annotations.Nullable;

/** The store behind a cache: its loader and its writer, each of which may be missing. */
final class OuterStore<K, V> {
  private final @Nullable CacheLoader<K, V> loader;
  private final @Nullable CacheWriter<K, V> writer;
  private final boolean readThrough;
  private final boolean writeThrough;

  @SuppressWarnings("unchecked") // a writer of what K and V extend takes them
  OuterStore(CompleteConfiguration<K, V> configuration) {
    Factory<CacheLoader<K, V>> loaders = configuration.getCacheLoaderFactory();
    Factory<CacheWriter<? super K, ? super V>> writers = configuration.getCacheWriterFactory();
    this.loader = loaders == null ? null : loaders.create();
    this.writer = writers == null ? null : (CacheWriter<K, V>) writers.create();
    this.readThrough = configuration.isReadThrough();
    this.writeThrough = configuration.isWriteThrough();
  }

  boolean loads() {
    return loader != null;
  }

  /** Whether what is absent is loaded when it is read. */
  boolean readsThrough() {
    return loader != null && readThrough;
  }

  /** Whether changes are written there. */
  boolean writesThrough() {
    return writer != null && writeThrough;
  }

  /** Null when there is nothing to load, or no loader. */
  @Nullable V load(K key) {
    if (loader == null) {
      return null;
    }
    try {
      return loader.load(key);
    } catch (CacheLoaderException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CacheLoaderException("the loader failed: " + e.getMessage(), e);
    }
  }

  /** Those that there are. */
  Map<K, V> loadAll(Set<? extends K> keys) {
    Map<K, V> found = new LinkedHashMap<>();
    if (loader == null || keys.isEmpty()) {
      return found;
    }
    Map<K, V> loaded;
    try {
      loaded = loader.loadAll(keys);
    } catch (CacheLoaderException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CacheLoaderException("the loader failed: " + e.getMessage(), e);
    }
    if (loaded != null) {
      for (K key : keys) {
        V value = loaded.get(key);
        if (value != null) {
          found.put(key, value);
        }
      }
    }
    return found;
  }

  /** Does nothing where changes are not written through. */
  void write(K key, V value) {
    run(to -> to.write(new CacheEntry<>(key, value)));
  }

  /** As {@link #write}. */
  void delete(K key) {
    run(to -> to.delete(key));
  }

  private void run(Consumer<CacheWriter<K, V>> call) {
    if (writer == null || !writeThrough) {
      return;
    }
    try {
      call.accept(writer);
    } catch (CacheWriterException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new CacheWriterException("the writer failed: " + e.getMessage(), e);
    }
  }

  /**
   * What a bulk call has come to.
   *
   * @param failed the keys that the writer has left over
   * @param failure what it threw, or null
   */
  record Written<K>(Set<K> failed, @Nullable CacheWriterException failure) {}

  Written<K> writeAll(Map<? extends K, ? extends V> entries) {
    List<Cache.Entry<? extends K, ? extends V>> left = new ArrayList<>();
    entries.forEach((key, value) -> left.add(new CacheEntry<K, V>(key, value)));
    CacheWriterException failure = attempt(to -> to.writeAll(left));
    Set<K> failed = new HashSet<>();
    if (failure != null) {
      left.forEach(entry -> failed.add(entry.getKey()));
    }
    return new Written<>(failed, failure);
  }

  Written<K> deleteAll(Collection<? extends K> keys) {
    List<Object> left = new ArrayList<>(keys);
    CacheWriterException failure = attempt(to -> to.deleteAll(left));
    if (failure == null) {
      return new Written<>(Set.of(), null);
    }
    Set<K> failed = new HashSet<>(keys);
    failed.retainAll(new HashSet<>(left));
    return new Written<>(failed, failure);
  }

  private @Nullable CacheWriterException attempt(Consumer<CacheWriter<K, V>> call) {
    try {
      run(call);
      return null;
    } catch (CacheWriterException e) {
      return e;
    }
  }

  void close() {
    Closing.quietly(loader);
    Closing.quietly(writer);
  }
}
