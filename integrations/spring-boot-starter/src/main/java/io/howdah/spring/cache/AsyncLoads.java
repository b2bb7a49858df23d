package io.howdah.spring.cache;

import io.howdah.cache.AsyncComputedCache;
import io.howdah.cache.CacheSettings;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One computation of a value in the whole cluster, without a thread that waits: who does not
 * compute looks again after a pause.
 */
final class AsyncLoads {
  private static final Logger LOG = LoggerFactory.getLogger(AsyncLoads.class);
  private static final long FIRST_PAUSE_MILLIS = 2;
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final CacheSettings settings;

  AsyncLoads(CacheSettings settings) {
    this.settings = settings;
  }

  CompletableFuture<Object> get(
      AsyncComputedCache<Object> cache, String key, Supplier<CompletableFuture<Object>> loader) {
    return new Load(cache, key, loader, System.nanoTime() + settings.maxWait().toNanos())
        .look(FIRST_PAUSE_MILLIS);
  }

  private record Load(
      AsyncComputedCache<Object> cache,
      String key,
      Supplier<CompletableFuture<Object>> loader,
      long giveUpAt) {

    CompletableFuture<Object> look(long pause) {
      return cache
          .getIfPresent(key)
          .thenCompose(found -> {
            if (found.filter(ValueCodec::isReadable).isPresent()) {
              return CompletableFuture.completedFuture(found.get());
            }
            // What cannot be read would be taken for computed.
            CompletionStage<?> free =
                found.isPresent()
                    ? cache.evict(key)
                    : CompletableFuture.<Boolean>completedFuture(false);
            return free.thenCompose(evicted -> cache.beginLoad(key))
                .thenCompose(token -> token.isPresent() ? compute(token.get()) : later(pause));
          })
          .toCompletableFuture();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // thenCompose takes it
    private CompletableFuture<Object> later(long pause) {
      if (System.nanoTime() - giveUpAt >= 0) {
        return loader.get();
      }
      return CompletableFuture.supplyAsync(
              () -> look(Math.min(2 * pause, LONGEST_PAUSE_MILLIS)),
              CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS))
          .thenCompose(result -> result);
    }

    /** What was computed is given also where it cannot be stored. */
    @SuppressWarnings("FutureReturnValueIgnored") // thenCompose takes it
    private CompletableFuture<Object> compute(UUID token) {
      CompletableFuture<Object> computing;
      try {
        computing = loader.get();
      } catch (RuntimeException | Error e) {
        computing = CompletableFuture.failedFuture(e);
      }
      return computing
          .handle((value, failure) -> {
            if (failure != null) {
              giveUp(token);
              return CompletableFuture.<Object>failedFuture(failure);
            }
            return cache
                .endLoad(key, token, Optional.of(value))
                .exceptionally(e -> {
                  LOG.warn("what was computed for a cache could not be stored", e);
                  return false;
                })
                .thenApply(stored -> value)
                .toCompletableFuture();
          })
          .thenCompose(result -> result);
    }

    private void giveUp(UUID token) {
      var unused =
          cache
              .abandonLoad(key, token)
              .whenComplete((was, e) -> {
                if (e != null) {
                  LOG.debug("a load could not be given up before its lease ends", e);
                }
              });
    }
  }
}
