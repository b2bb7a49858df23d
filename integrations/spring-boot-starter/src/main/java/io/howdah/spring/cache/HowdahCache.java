package io.howdah.spring.cache;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.cache.CacheLoader;
import io.howdah.cache.ComputedCache;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.support.AbstractValueAdaptingCache;

/**
 * A cache of Spring's on a {@link ComputedCache}. {@link #get(Object, Callable)} computes a value
 * once in the whole cluster.
 *
 * <p>A value that cannot be read any more, since its class has changed, is a miss. When the
 * database does not answer, callers get {@link CallFailedException}, unless the cache is soft: then
 * a read is a miss, and a put is left out; an eviction fails all the same.
 */
public final class HowdahCache extends AbstractValueAdaptingCache {
  private static final Logger LOG = LoggerFactory.getLogger(HowdahCache.class);

  private final String name;
  private final ComputedCache<Object> cache;
  private final KeyText keys;
  private final List<String> tags;
  private final boolean failSoft;
  private final AsyncLoads loads;

  HowdahCache(
      String name, ComputedCache<Object> cache, KeyText keys, HowdahCacheSettings settings) {
    super(settings.cacheNullValues());
    this.name = name;
    this.cache = cache;
    this.keys = keys;
    this.tags = settings.tags();
    this.failSoft = settings.failSoft();
    this.loads = new AsyncLoads(settings.core());
  }

  @Override
  public String getName() {
    return name;
  }

  /** The cache as Howdah has it. Its values are those of Spring, with a marker for null. */
  @Override
  public ComputedCache<Object> getNativeCache() {
    return cache;
  }

  @Override
  protected @Nullable Object lookup(Object key) {
    String text = keys.of(key);
    return soft("read", () -> readable(cache.getIfPresent(text)));
  }

  private static @Nullable Object readable(Optional<Object> found) {
    return found.filter(ValueCodec::isReadable).orElse(null);
  }

  @SuppressWarnings("unchecked") // what the loader's callers expect is for them to know
  @Override
  public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
    String text = keys.of(key);
    CacheLoader<Object> loader = () -> toStoreValue(valueLoader.call());
    try {
      Object value = tagged(key).get(text, loader);
      if (!ValueCodec.isReadable(value)) {
        cache.evict(text);
        value = tagged(key).get(text, loader);
      }
      if (!ValueCodec.isReadable(value)) {
        // An instance of another version has just put its own there.
        value = loader.load();
      }
      return (T) fromStoreValue(value);
    } catch (HowdahException e) {
      if (e.code() != ErrorCode.LOAD_FAILED) {
        throw e;
      }
      throw new ValueRetrievalException(key, valueLoader, e.getCause());
    } catch (Exception e) {
      throw new ValueRetrievalException(key, valueLoader, e);
    }
  }

  @Override
  public CompletableFuture<?> retrieve(Object key) {
    return cache
        .async()
        .getIfPresent(keys.of(key))
        .thenApply(found -> toValueWrapper(readable(found)))
        .exceptionally(e -> {
          if (failSoft && isAway(e)) {
            return null;
          }
          throw wrapped(e);
        })
        .toCompletableFuture();
  }

  @SuppressWarnings({"unchecked", "FutureReturnValueIgnored"}) // see get; thenCompose takes it
  @Override
  public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> loader) {
    return loads
        .get(tagged(key).async(), keys.of(key), () -> loader.get().thenApply(this::toStoreValue))
        .handle((value, e) -> {
          if (e == null) {
            return CompletableFuture.completedFuture((T) fromStoreValue(value));
          }
          return failSoft && isAway(e)
              ? loader.get()
              : CompletableFuture.<T>failedFuture(wrapped(e));
        })
        .thenCompose(result -> result);
  }

  @Override
  public void put(Object key, @Nullable Object value) {
    String text = keys.of(key);
    Object stored = toStoreValue(value);
    Object unused =
        soft(
            "put",
            () -> {
              tagged(key).put(text, stored);
              return null;
            });
  }

  @Override
  public void evict(Object key) {
    cache.evict(keys.of(key));
  }

  @Override
  public boolean evictIfPresent(Object key) {
    return cache.evict(keys.of(key));
  }

  @Override
  public void clear() {
    cache.clear();
  }

  /** Empties it; says that it had entries, since nobody counts them. */
  @Override
  public boolean invalidate() {
    cache.clear();
    return true;
  }

  private ComputedCache<Object> tagged(Object key) {
    if (tags.isEmpty()) {
      return cache;
    }
    Optional<String> plain = KeyText.plain(key);
    return cache.tagged(
        tags.stream()
            .filter(tag -> plain.isPresent() || !tag.contains("{key}"))
            .map(tag -> tag.replace("{key}", plain.orElse("")))
            .toArray(String[]::new));
  }

  private @Nullable Object soft(String what, Supplier<@Nullable Object> call) {
    try {
      return call.get();
    } catch (CallFailedException e) {
      if (!failSoft || !isAway(e)) {
        throw e;
      }
      LOG.warn("cache {}: a {} is left out: {}", name, what, e.getMessage());
      return null;
    }
  }

  private static boolean isAway(Throwable e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return cause instanceof CallFailedException failed
        && (failed.code() == ErrorCode.UNAVAILABLE || failed.code() == ErrorCode.TIMEOUT);
  }

  private static CompletionException wrapped(Throwable e) {
    return e instanceof CompletionException already ? already : new CompletionException(e);
  }
}
