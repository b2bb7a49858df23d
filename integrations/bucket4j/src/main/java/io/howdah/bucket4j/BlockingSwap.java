package io.howdah.bucket4j;

import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.CompareAndSwapOperation;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.howdah.kv.Entry;
import io.howdah.kv.KeyValueStore;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request to a bucket, on the thread that waits for it. Ends with the deadline of each call. */
final class BlockingSwap implements CompareAndSwapOperation {
  private final KeyValueStore<byte[]> buckets;
  private final String key;
  private final Function<RemoteBucketState, @Nullable Duration> timeToLive;
  private long version;

  BlockingSwap(
      KeyValueStore<byte[]> buckets,
      String key,
      Function<RemoteBucketState, @Nullable Duration> timeToLive) {
    this.buckets = buckets;
    this.key = key;
    this.timeToLive = timeToLive;
  }

  @Override
  public Optional<byte[]> getStateData(Optional<Long> timeoutNanos) {
    Optional<Entry<byte[]>> found = buckets.getEntry(key);
    found.ifPresent(entry -> version = entry.version());
    return found.map(Entry::value);
  }

  @Override
  public boolean compareAndSwap(
      byte @Nullable [] originalData,
      byte[] newData,
      RemoteBucketState newState,
      Optional<Long> timeoutNanos) {
    Duration ttl = timeToLive.apply(newState);
    OptionalLong written =
        originalData == null
            ? buckets.setIfAbsent(key, newData, ttl)
            : buckets.compareAndSet(key, version, newData, ttl);
    return written.isPresent();
  }
}
