package io.howdah.spring.cache;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.cache.CacheLoader;
import io.howdah.cache.ComputedCache;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cache.support.AbstractValueAdaptingCache;
import org.springframework.transaction.support.TransactionSynchronizationManager;

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

  /** Of a tag, at most. */
  private static final int TAG_BYTES = 256;

  private final String name;
  private final ComputedCache<Object> cache;
  private final List<String> tags;
  private final boolean failSoft;
  private final AsyncLoads loads;
  private final Seldom seldom = new Seldom();

  HowdahCache(String name, ComputedCache<Object> cache, HowdahCacheSettings settings) {
    super(settings.cacheNullValues());
    this.name = name;
    this.cache = cache;
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
    String text = KeyText.of(key);
    return soft("read", () -> readable(cache.getIfPresent(text)));
  }

  private static @Nullable Object readable(Optional<Object> found) {
    return found.filter(ValueCodec::isReadable).orElse(null);
  }

  /**
   * Computes once in the whole cluster. In a transaction of Spring's that may write it only
   * computes, since what it reads may never be committed.
   */
  @SuppressWarnings("unchecked") // what the loader's callers expect is for them to know
  @Override
  public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
    CacheLoader<Object> loader = () -> toStoreValue(valueLoader.call());
    try {
      ComputedCache<Object> kept = mayWrite() ? null : tagged(key);
      Object value = kept == null ? lookup(key) : computed(kept, KeyText.of(key), loader);
      if (value == null) {
        value = computed(key, valueLoader);
      }
      return (T) fromStoreValue(value);
    } catch (HowdahException e) {
      if (e.code() != ErrorCode.LOAD_FAILED) {
        throw e;
      }
      throw new ValueRetrievalException(key, valueLoader, e.getCause());
    }
  }

  private static boolean mayWrite() {
    return TransactionSynchronizationManager.isActualTransactionActive()
        && !TransactionSynchronizationManager.isCurrentTransactionReadOnly();
  }

  /** Without keeping it. */
  private Object computed(Object key, Callable<?> valueLoader) {
    try {
      return toStoreValue(valueLoader.call());
    } catch (Exception e) {
      throw new ValueRetrievalException(key, valueLoader, e);
    }
  }

  /** Null where an instance of another version puts its own there again and again. */
  private static @Nullable Object computed(
      ComputedCache<Object> cache, String text, CacheLoader<Object> loader) {
    Object value = cache.get(text, loader);
    if (!ValueCodec.isReadable(value)) {
      cache.evict(text);
      value = cache.get(text, loader);
    }
    return ValueCodec.isReadable(value) ? value : null;
  }

  /** Puts it at once, also in a transaction; of several that do, one wins. */
  @Override
  public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
    Object stored = toStoreValue(value);
    ComputedCache<Object> kept = tagged(key);
    Object present = lookup(key);
    if (present == null && kept != null) {
      AtomicBoolean own = new AtomicBoolean();
      Object won =
          computed(
              kept,
              KeyText.of(key),
              () -> {
                own.set(true);
                return stored;
              });
      present = own.get() ? null : won;
    }
    return toValueWrapper(present);
  }

  @Override
  public CompletableFuture<?> retrieve(Object key) {
    return cache
        .async()
        .getIfPresent(KeyText.of(key))
        .thenApply(found -> toValueWrapper(readable(found)))
        .exceptionally(e -> {
          if (failSoft && AsyncLoads.isAway(e)) {
            return null;
          }
          throw wrapped(e);
        })
        .toCompletableFuture();
  }

  @SuppressWarnings({"unchecked", "FutureReturnValueIgnored"}) // see get; thenCompose takes it
  @Override
  public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> loader) {
    ComputedCache<Object> kept = tagged(key);
    if (kept == null) {
      return ((CompletableFuture<@Nullable ValueWrapper>) retrieve(key))
          .thenCompose(found ->
              found == null ? loader.get() : CompletableFuture.completedFuture((T) found.get()));
    }
    return loads
        .get(kept.async(), KeyText.of(key), () -> loader.get().thenApply(this::toStoreValue))
        .handle((value, e) ->
            e == null
                ? CompletableFuture.completedFuture((T) fromStoreValue(value))
                : CompletableFuture.<T>failedFuture(wrapped(e)))
        .thenCompose(result -> result);
  }

  @Override
  public void put(Object key, @Nullable Object value) {
    String text = KeyText.of(key);
    Object stored = toStoreValue(value);
    ComputedCache<Object> kept = tagged(key);
    if (kept == null) {
      return;
    }
    Object unused =
        soft(
            "put",
            () -> {
              kept.put(text, stored);
              return null;
            });
  }

  @Override
  public void evict(Object key) {
    cache.evict(KeyText.of(key));
  }

  @Override
  public boolean evictIfPresent(Object key) {
    return cache.evict(KeyText.of(key));
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

  /**
   * The cache with the tags of an entry; null where one would be too long. Such an entry is not
   * kept, since what changes it could not evict it.
   */
  private @Nullable ComputedCache<Object> tagged(Object key) {
    if (tags.isEmpty()) {
      return cache;
    }
    Optional<String> plain = KeyText.plain(key);
    String[] own =
        tags.stream()
            .filter(tag -> plain.isPresent() || !tag.contains("{key}"))
            .map(tag -> tag.replace("{key}", plain.orElse("")))
            .toArray(String[]::new);
    for (String tag : own) {
      if (tag.getBytes(StandardCharsets.UTF_8).length > TAG_BYTES) {
        if (seldom.isDue()) {
          LOG.warn(
              "cache {}: an entry is not kept, since its key makes a tag of more than {} bytes",
              name,
              TAG_BYTES);
        }
        return null;
      }
    }
    return cache.tagged(own);
  }

  private @Nullable Object soft(String what, Supplier<@Nullable Object> call) {
    try {
      return call.get();
    } catch (CallFailedException e) {
      if (!failSoft || !AsyncLoads.isAway(e)) {
        throw e;
      }
      if (seldom.isDue()) {
        LOG.warn("cache {}: a {} is left out: {}", name, what, e.getMessage());
      }
      return null;
    }
  }

  private static CompletionException wrapped(Throwable e) {
    return e instanceof CompletionException already ? already : new CompletionException(e);
  }
}
