package io.howdah.jcache;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import javax.cache.configuration.Configuration;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/** The caches of one schema in this process. It connects when the first of them is made. */
final class HowdahCacheManager implements CacheManager {
  private static final int NAMESPACE_BYTES = 64;

  private final HowdahCachingProvider provider;
  private final URI uri;
  private final ClassLoader loader;
  private final Properties properties;
  private final ManagerSettings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, HowdahCache<?, ?>> caches = new TreeMap<>();
  private final ExecutorService executor =
      Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "howdah-jcache");
        thread.setDaemon(true);
        return thread;
      });
  private @Nullable Howdah opened;
  private volatile boolean closed;

  HowdahCacheManager(
      HowdahCachingProvider provider, URI uri, ClassLoader loader, Properties properties) {
    this.provider = provider;
    this.uri = uri;
    this.loader = loader;
    this.properties = properties;
    this.settings = new ManagerSettings(uri, properties, loader);
  }

  @Override
  public CachingProvider getCachingProvider() {
    return provider;
  }

  @Override
  public URI getURI() {
    return uri;
  }

  @Override
  public ClassLoader getClassLoader() {
    return loader;
  }

  /** A copy. */
  @Override
  public Properties getProperties() {
    Properties copy = new Properties();
    copy.putAll(properties);
    return copy;
  }

  /**
   * Makes a cache of this process on the namespace of its name; what other processes have put there
   * is in it.
   *
   * @throws CacheException when there is one of this name, or the database refuses
   * @throws UnsupportedOperationException when it is to store by reference
   */
  @Override
  public <K, V, C extends Configuration<K, V>> Cache<K, V> createCache(
      String cacheName, C configuration) {
    Objects.requireNonNull(cacheName, "cacheName");
    Objects.requireNonNull(configuration, "configuration");
    return locked(() -> {
      if (caches.containsKey(cacheName)) {
        throw new CacheException("there is a cache '" + cacheName + "' already");
      }
      CacheSettings<K, V> own = CacheSettings.of(configuration, settings, loader);
      Howdah howdah = howdah();
      String namespace = namespace(cacheName);
      if (own.durability() != null) {
        howdah.namespaces().createIfAbsent(namespace, own.durability());
      }
      EntryStore<K, V> store =
          new EntryStore<>(
              howdah,
              namespace,
              own.serializer(),
              own.configuration().getKeyType(),
              own.configuration().getValueType());
      HowdahCache<K, V> cache =
          new HowdahCache<>(this, cacheName, own.configuration(), store, executor);
      caches.put(cacheName, cache);
      return cache;
    });
  }

  /**
   * The namespace of a cache: {@code jcache:} and its name; where that would be longer than 63
   * bytes, the beginning of the name and a hash, 64 bytes together.
   */
  static String namespace(String cacheName) {
    String whole = "jcache:" + cacheName;
    byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < NAMESPACE_BYTES) {
      return whole;
    }
    String hash = "~" + HexFormat.of().formatHex(KeyTexts.sha256(bytes), 0, 16);
    StringBuilder begin = new StringBuilder();
    int room = NAMESPACE_BYTES - hash.length();
    for (int codePoint : whole.codePoints().toArray()) {
      int size = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8).length;
      if (size > room) {
        break;
      }
      begin.appendCodePoint(codePoint);
      room -= size;
    }
    return begin.append("_".repeat(room)).append(hash).toString();
  }

  private Howdah howdah() {
    Howdah given = settings.given();
    if (given != null) {
      return given;
    }
    if (opened == null) {
      opened = settings.open();
    }
    return opened;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // null when there is none, as the interface says
  public <K, V> Cache<K, V> getCache(String cacheName, Class<K> keyType, Class<V> valueType) {
    Objects.requireNonNull(keyType, "keyType");
    Objects.requireNonNull(valueType, "valueType");
    HowdahCache<?, ?> cache = find(cacheName);
    if (cache != null && !cache.holds(keyType, valueType)) {
      throw new ClassCastException(
          "the cache '"
              + cacheName
              + "' holds "
              + cache.types()
              + ", not "
              + keyType.getName()
              + " and "
              + valueType.getName());
    }
    return (Cache<K, V>) cache;
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // null when there is none, as the interface says
  public <K, V> Cache<K, V> getCache(String cacheName) {
    return (Cache<K, V>) find(cacheName);
  }

  private @Nullable HowdahCache<?, ?> find(String cacheName) {
    Objects.requireNonNull(cacheName, "cacheName");
    return locked(() -> caches.get(cacheName));
  }

  @Override
  public Iterable<String> getCacheNames() {
    return locked(() -> List.copyOf(caches.keySet()));
  }

  /** Closes a cache of this process, and deletes its namespace: the entries of all processes. */
  @Override
  public void destroyCache(String cacheName) {
    HowdahCache<?, ?> cache = find(cacheName);
    if (cache == null) {
      return;
    }
    cache.close();
    var unused = locked(() -> howdah().namespaces().drop(namespace(cacheName)));
  }

  @Override
  public void enableManagement(String cacheName, boolean enabled) {
    HowdahCache<?, ?> cache = find(cacheName);
    if (cache != null) {
      cache.enableManagement(enabled);
    }
  }

  @Override
  public void enableStatistics(String cacheName, boolean enabled) {
    HowdahCache<?, ?> cache = find(cacheName);
    if (cache != null) {
      cache.enableStatistics(enabled);
    }
  }

  /** Closes the caches of this process, and ends its connections. The entries stay. */
  @Override
  public void close() {
    List<HowdahCache<?, ?>> all;
    Howdah own;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      all = List.copyOf(caches.values());
      own = opened;
      opened = null;
    } finally {
      lock.unlock();
    }
    provider.closed(this);
    all.forEach(Cache::close);
    executor.shutdown();
    if (own != null) {
      own.close();
    }
  }

  void closed(HowdahCache<?, ?> cache) {
    lock.lock();
    try {
      caches.remove(cache.getName(), cache);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  /**
   * {@link Howdah} gives the one behind it.
   *
   * @throws IllegalArgumentException for any other type that it is not
   */
  @Override
  public <T> T unwrap(Class<T> type) {
    return type == Howdah.class ? type.cast(locked(this::howdah)) : Unwrap.as(this, type);
  }

  /** Runs what the lock guards; what the database refuses is a {@link CacheException}. */
  private <R> R locked(Supplier<R> operation) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the cache manager " + uri + " is closed");
      }
      return operation.get();
    } catch (HowdahException e) {
      throw new CacheException("cache manager " + uri + ": " + e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }
}
