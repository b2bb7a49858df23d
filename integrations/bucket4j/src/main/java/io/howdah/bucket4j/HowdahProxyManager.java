package io.howdah.bucket4j;

import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ClientSideConfig;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AbstractCompareAndSwapBasedProxyManager;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AsyncCompareAndSwapOperation;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.CompareAndSwapOperation;
import io.github.bucket4j.distributed.remote.CommandResult;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import io.github.bucket4j.distributed.remote.Request;
import io.howdah.Arguments;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the buckets of Bucket4j in Postgres: each is a value of a namespace, and changes by a read
 * and a write that takes effect if the value is still the same. Both share statements with the
 * calls of other threads, and requests to one bucket that wait for each other go as one.
 *
 * <p>Calls run in transactions of their own, also in one of the caller's: a rollback gives no
 * tokens back. They throw {@link io.howdah.HowdahException} when the database is away, {@link
 * io.howdah.InvalidArgumentException} for a key that is empty or longer than 1,024 bytes, and
 * Bucket4j's {@code TimeoutException} after the builder's request timeout; then it is not known
 * whether the tokens are taken.
 *
 * @param <K> the type of the keys
 */
public final class HowdahProxyManager<K> extends AbstractCompareAndSwapBasedProxyManager<K> {
  private final KeyValueStore<byte[]> buckets;
  private final Function<? super K, String> keys;
  private final Together<K> together;

  HowdahProxyManager(
      KeyValueStore<byte[]> buckets, Function<? super K, String> keys, ClientSideConfig config) {
    super(config);
    this.buckets = buckets;
    this.keys = keys;
    this.together = new Together<>(keys, this::sendAsync);
  }

  /** Builds one whose keys are texts. */
  public static HowdahProxyManagerBuilder<String> builder(Howdah howdah) {
    return builder(howdah, key -> key);
  }

  /**
   * Builds one.
   *
   * @param howdah is not closed with it
   * @param keys the text of each key, 1 to 1,024 bytes
   */
  public static <K> HowdahProxyManagerBuilder<K> builder(
      Howdah howdah, Function<? super K, String> keys) {
    return new HowdahProxyManagerBuilder<>(howdah, keys);
  }

  @Override
  public <T> CommandResult<T> execute(K key, Request<T> request) {
    // A thread that waits for the database itself waits as long as a call may.
    return getClientSideConfig().getRequestTimeoutNanos().isPresent()
        ? Answers.waitFor(executeAsync(key, request))
        : together.send(key, request, () -> super.execute(key, request), Answers::waitFor);
  }

  @Override
  public <T> CompletableFuture<CommandResult<T>> executeAsync(K key, Request<T> request) {
    return Answers.within(
        getClientSideConfig().getRequestTimeoutNanos(), together.send(key, request));
  }

  private <T> CompletableFuture<CommandResult<T>> sendAsync(K key, Request<T> request) {
    return super.executeAsync(key, request);
  }

  @Override
  protected CompareAndSwapOperation beginCompareAndSwapOperation(K key) {
    return new BlockingSwap(buckets, keys.apply(key), this::timeToLive);
  }

  @Override
  protected AsyncCompareAndSwapOperation beginAsyncCompareAndSwapOperation(K key) {
    return new AsyncSwap(buckets.async(), keys.apply(key), this::timeToLive);
  }

  /** How long a bucket stays from now on; null for ever. */
  private @Nullable Duration timeToLive(RemoteBucketState state) {
    ExpirationAfterWriteStrategy strategy =
        getClientSideConfig().getExpirationAfterWriteStrategy().orElse(null);
    if (strategy == null) {
      return null;
    }
    long millis = strategy.calculateTimeToLiveMillis(state, currentTimeNanos());
    if (millis < 0 || millis > Arguments.LONGEST.toMillis()) {
      return null;
    }
    return Duration.ofMillis(Math.max(1, millis));
  }

  @Override
  public void removeProxy(K key) {
    buckets.delete(keys.apply(key));
  }

  @Override
  protected CompletableFuture<Void> removeAsync(K key) {
    return buckets
        .async()
        .delete(keys.apply(key))
        .<Void>thenApply(deleted -> null)
        .toCompletableFuture();
  }

  @Override
  public boolean isAsyncModeSupported() {
    return true;
  }

  @Override
  public boolean isExpireAfterWriteSupported() {
    return true;
  }
}
