package io.howdah.jcache;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.cache.CacheManager;
import javax.cache.configuration.OptionalFeature;
import javax.cache.spi.CachingProvider;
import org.jspecify.annotations.Nullable;

/**
 * JCache on Postgres. {@code Caching.getCachingProvider()} finds it where it is the only one.
 *
 * <p>The URI of a manager is the JDBC URL of its database, without a password, or a name only; then
 * the properties say where the database is. Each property may also be one of the system:
 *
 * <table>
 *   <caption>properties</caption>
 *   <tr><td>{@code howdah.instance}</td><td>an open {@link io.howdah.Howdah}, which the manager
 *       does not close; a value of the {@link Properties}, not a text</td></tr>
 *   <tr><td>{@code howdah.url}</td><td>the JDBC URL</td></tr>
 *   <tr><td>{@code howdah.user}, {@code howdah.password}</td><td>the login, where the URL has
 *       none</td></tr>
 *   <tr><td>{@code howdah.schema}</td><td>default: {@code howdah}</td></tr>
 *   <tr><td>{@code howdah.jcache.durability}</td><td>{@code ephemeral}, {@code relaxed} or {@code
 *       durable}; default: as the namespace is, {@code ephemeral} where it is new</td></tr>
 *   <tr><td>{@code howdah.jcache.allowedClasses}</td><td>the classes that keys and values may
 *       have, beside the configured types and the JDK's simple ones; default: none</td></tr>
 *   <tr><td>{@code howdah.jcache.serializer}</td><td>{@code java} (the default), {@code json}, or
 *       a {@link Serializer} or the name of its class</td></tr>
 * </table>
 *
 * <p>{@link HowdahConfiguration} says the last three for one cache.
 */
public final class HowdahCachingProvider implements CachingProvider {
  private static final URI DEFAULT_URI = URI.create("howdah:default");

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ClassLoader, Map<URI, HowdahCacheManager>> managers = new HashMap<>();

  /** For {@link java.util.ServiceLoader}. */
  public HowdahCachingProvider() {}

  /**
   * The manager of a URI and a class loader, which is made if need be; the properties count then
   * only.
   *
   * @throws javax.cache.CacheException when the URI or the properties are not fit
   */
  @Override
  public CacheManager getCacheManager(
      @Nullable URI uri, @Nullable ClassLoader classLoader, @Nullable Properties properties) {
    URI named = uri == null ? DEFAULT_URI : uri;
    ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
    lock.lock();
    try {
      Map<URI, HowdahCacheManager> own = managers.computeIfAbsent(loader, l -> new HashMap<>());
      HowdahCacheManager known = own.get(named);
      if (known != null && !known.isClosed()) {
        return known;
      }
      Properties copy = new Properties();
      if (properties != null) {
        properties.stringPropertyNames().forEach(n -> copy.put(n, properties.getProperty(n)));
        copy.putAll(properties);
      }
      HowdahCacheManager made = new HowdahCacheManager(this, named, loader, copy);
      own.put(named, made);
      return made;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public CacheManager getCacheManager(@Nullable URI uri, @Nullable ClassLoader classLoader) {
    return getCacheManager(uri, classLoader, null);
  }

  @Override
  public CacheManager getCacheManager() {
    return getCacheManager(null, null, null);
  }

  /** The one that has loaded this class. */
  @Override
  public ClassLoader getDefaultClassLoader() {
    return getClass().getClassLoader();
  }

  /** A name: the manager's properties, or the system's, say where its database is. */
  @Override
  public URI getDefaultURI() {
    return DEFAULT_URI;
  }

  /** None: the system's count. */
  @Override
  public Properties getDefaultProperties() {
    return new Properties();
  }

  /** Closes all managers. */
  @Override
  public void close() {
    closeAll(() -> {
      List<HowdahCacheManager> all = new ArrayList<>();
      managers.values().forEach(own -> all.addAll(own.values()));
      managers.clear();
      return all;
    });
  }

  /** Closes the managers of a class loader. */
  @Override
  public void close(@Nullable ClassLoader classLoader) {
    ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
    closeAll(() -> {
      Map<URI, HowdahCacheManager> own = managers.remove(loader);
      return own == null ? List.of() : List.copyOf(own.values());
    });
  }

  /** Closes the manager of a URI and a class loader. */
  @Override
  public void close(@Nullable URI uri, @Nullable ClassLoader classLoader) {
    ClassLoader loader = classLoader == null ? getDefaultClassLoader() : classLoader;
    closeAll(() -> {
      Map<URI, HowdahCacheManager> own = managers.get(loader);
      HowdahCacheManager manager = own == null ? null : own.remove(uri == null ? DEFAULT_URI : uri);
      return manager == null ? List.of() : List.of(manager);
    });
  }

  /** Closing waits for the database, so it is done without the lock. */
  private void closeAll(Supplier<List<HowdahCacheManager>> taking) {
    List<HowdahCacheManager> taken;
    lock.lock();
    try {
      taken = taking.get();
    } finally {
      lock.unlock();
    }
    taken.forEach(HowdahCacheManager::close);
  }

  void closed(HowdahCacheManager manager) {
    lock.lock();
    try {
      Map<URI, HowdahCacheManager> own = managers.get(manager.getClassLoader());
      if (own != null) {
        own.remove(manager.getURI(), manager);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Only what every provider has: a database cannot store by reference. */
  @Override
  public boolean isSupported(OptionalFeature optionalFeature) {
    return false;
  }
}
