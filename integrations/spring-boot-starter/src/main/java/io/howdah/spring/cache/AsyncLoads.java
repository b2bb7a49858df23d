package io.howdah.spring.cache;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.cache.AsyncComputedCache;
import io.howdah.cache.CacheEntry;
import io.howdah.cache.CacheSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One computation of a value in the whole cluster, without a thread that waits: who does not
 * compute looks again after a pause. A stale value is given, and computed anew meanwhile.
 */
final class AsyncLoads {
  private static final Logger LOG = LoggerFactory.getLogger(AsyncLoads.class);
  private static final long FIRST_PAUSE_MILLIS = 2;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final CacheSettings settings;

  /** The keys that this process computes anew, or could not lately. */
  private final Set<String> refreshing = ConcurrentHashMap.newKeySet();

  private final Seldom seldom = new Seldom();

  AsyncLoads(CacheSettings settings) {
    this.settings = settings;
  }

  CompletableFuture<Object> get(
      AsyncComputedCache<Object> cache, String key, Supplier<CompletableFuture<Object>> loader) {
    return new Load(cache, key, loader, System.nanoTime() + settings.maxWait().toNanos())
        .look(FIRST_PAUSE_MILLIS);
  }

  /** Whether the database did not answer. */
  static boolean isAway(Throwable e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return cause instanceof CallFailedException failed
        && (failed.code() == ErrorCode.UNAVAILABLE || failed.code() == ErrorCode.TIMEOUT);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // thenCompose takes them
  private final class Load {
    private final AsyncComputedCache<Object> cache;
    private final String key;
    private final Supplier<CompletableFuture<Object>> loader;
    private final long giveUpAt;

    Load(
        AsyncComputedCache<Object> cache,
        String key,
        Supplier<CompletableFuture<Object>> loader,
        long giveUpAt) {
      this.cache = cache;
      this.key = key;
      this.loader = loader;
      this.giveUpAt = giveUpAt;
    }

    /** What the loader throws is not taken for a fault of the database: that is step's alone. */
    CompletableFuture<Object> look(long pause) {
      return step(pause)
          .handle((next, e) -> {
            if (e == null) {
              return next.get();
            }
            return settings.loadsWhenAway() && isAway(e)
                ? loader.get()
                : CompletableFuture.<Object>failedFuture(e);
          })
          .thenCompose(result -> result)
          .toCompletableFuture();
    }

    /** Asks the database what is to be done. */
    private CompletionStage<Supplier<CompletableFuture<Object>>> step(long pause) {
      return read()
          .thenCompose(found -> {
            Object value =
                found.flatMap(CacheEntry::value).filter(ValueCodec::isReadable).orElse(null);
            if (value != null) {
              if (found.get().isStale()) {
                refresh();
              }
              return CompletableFuture.completedFuture(
                  () -> CompletableFuture.completedFuture(value));
            }
            // What cannot be read would be taken for computed.
            CompletionStage<?> free =
                found.isPresent() ? cache.evict(key) : CompletableFuture.completedFuture(null);
            return free.thenCompose(evicted -> cache.beginLoad(key))
                .thenApply(
                    token -> token.isPresent() ? () -> compute(token.get()) : () -> later(pause));
          });
    }

    /** A near cache has no stale values, and does not know how fresh the others are. */
    private CompletionStage<Optional<CacheEntry<Object>>> read() {
      return settings.staleFor().isZero()
          ? cache
              .getIfPresent(key)
              .thenApply(found ->
                  found.map(value -> new CacheEntry<>(Optional.of(value), false, Duration.ZERO)))
          : cache.getEntry(key);
    }

    private CompletableFuture<Object> later(long pause) {
      if (System.nanoTime() - giveUpAt >= 0) {
        return loader.get();
      }
      return CompletableFuture.supplyAsync(
              () -> look(Math.min(2 * pause, LONGEST_PAUSE_MILLIS)),
              CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS))
          .thenCompose(result -> result);
    }

    private CompletableFuture<Object> compute(UUID token) {
      CompletableFuture<Object> computing;
      try {
        computing = loader.get();
      } catch (RuntimeException | Error e) {
        computing = CompletableFuture.failedFuture(e);
      }
      return computing
          .handle((value, failure) -> failure == null ? keep(token, value) : giveUp(token, failure))
          .thenCompose(result -> result);
    }

    /** What was computed is given also where the database does not take it. */
    private CompletableFuture<Object> keep(UUID token, Object value) {
      try {
        return cache
            .endLoad(key, token, Optional.of(value))
            .exceptionally(e -> {
              if (seldom.isDue()) {
                LOG.warn("what was computed for a cache could not be stored", e);
              }
              return false;
            })
            .thenApply(stored -> value)
            .toCompletableFuture();
      } catch (HowdahException e) {
        // It cannot be JSON: the next one need not wait for the lease.
        return giveUp(token, e);
      }
    }

    private CompletableFuture<Object> giveUp(UUID token, Throwable failure) {
      var unused =
          cache
              .abandonLoad(key, token)
              .whenComplete((was, e) -> {
                if (e != null) {
                  LOG.debug("a load could not be given up before its lease ends", e);
                }
              });
      return CompletableFuture.failedFuture(failure);
    }

    /** In the background, unless somebody is at it; after a failure not at once again. */
    private void refresh() {
      if (!refreshing.add(key)) {
        return;
      }
      CompletionStage<@Nullable Object> done =
          cache
              .beginLoad(key)
              .thenCompose(token ->
                  token.isPresent()
                      ? compute(token.get())
                      : CompletableFuture.completedFuture(null));
      var unused =
          done.whenComplete((value, e) -> {
            if (e == null) {
              refreshing.remove(key);
              return;
            }
            if (seldom.isDue()) {
              LOG.warn("a value of a cache stays stale, its refresh failed", e);
            }
            CompletableFuture.delayedExecutor(
                    settings.failurePause().toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> refreshing.remove(key));
          });
    }
  }
}
