package io.howdah.bucket4j;

import io.github.bucket4j.BucketExceptions;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.CompareAndSwapOperation;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A request to a bucket, on a thread that waits for it no longer than the request may take. */
final class TimedSwap implements CompareAndSwapOperation {
  private final AsyncSwap swap;

  TimedSwap(AsyncSwap swap) {
    this.swap = swap;
  }

  @Override
  public Optional<byte[]> getStateData(Optional<Long> timeoutNanos) {
    return waitFor(swap.getStateData(timeoutNanos));
  }

  @Override
  public boolean compareAndSwap(
      byte @Nullable [] originalData,
      byte[] newData,
      RemoteBucketState newState,
      Optional<Long> timeoutNanos) {
    return waitFor(swap.compareAndSwap(originalData, newData, newState, timeoutNanos));
  }

  private static <T> T waitFor(CompletableFuture<T> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BucketExceptions.executionException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw BucketExceptions.executionException(e.getCause());
    }
  }
}
