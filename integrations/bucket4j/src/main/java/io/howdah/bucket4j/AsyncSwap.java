package io.howdah.bucket4j;

import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AsyncCompareAndSwapOperation;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.howdah.kv.AsyncKeyValueStore;
import io.howdah.kv.Entry;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request to a bucket, without waiting. It may be one for several callers, each with its own
 * timeout, so {@link HowdahProxyManager} ends those.
 */
final class AsyncSwap implements AsyncCompareAndSwapOperation {
  private final AsyncKeyValueStore<byte[]> buckets;
  private final String key;
  private final Function<RemoteBucketState, @Nullable Duration> timeToLive;
  // written and read one after the other, on whichever thread completes a stage
  private volatile long version;

  AsyncSwap(
      AsyncKeyValueStore<byte[]> buckets,
      String key,
      Function<RemoteBucketState, @Nullable Duration> timeToLive) {
    this.buckets = buckets;
    this.key = key;
    this.timeToLive = timeToLive;
  }

  @Override
  public CompletableFuture<Optional<byte[]>> getStateData(Optional<Long> timeoutNanos) {
    return buckets
        .getEntry(key)
        .thenApply(found -> {
          found.ifPresent(entry -> version = entry.version());
          return found.map(Entry::value);
        })
        .toCompletableFuture();
  }

  @Override
  public CompletableFuture<Boolean> compareAndSwap(
      byte @Nullable [] originalData,
      byte[] newData,
      RemoteBucketState newState,
      Optional<Long> timeoutNanos) {
    Duration ttl = timeToLive.apply(newState);
    CompletionStage<OptionalLong> written =
        originalData == null
            ? buckets.setIfAbsent(key, newData, ttl)
            : buckets.compareAndSet(key, version, newData, ttl);
    return written.thenApply(OptionalLong::isPresent).toCompletableFuture();
  }
}
