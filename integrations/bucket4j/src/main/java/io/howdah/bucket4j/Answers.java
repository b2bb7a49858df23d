package io.howdah.bucket4j;

import io.github.bucket4j.BucketExceptions;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for the answers to requests. */
final class Answers {
  private Answers() {}

  /** An answer, or Bucket4j's own exception when it takes longer. */
  static <T> CompletableFuture<T> within(Optional<Long> timeoutNanos, CompletableFuture<T> answer) {
    if (timeoutNanos.isEmpty()) {
      return answer;
    }
    long timeout = timeoutNanos.get();
    long began = System.nanoTime();
    return answer
        .orTimeout(timeout, TimeUnit.NANOSECONDS)
        .exceptionallyCompose(failure ->
            CompletableFuture.failedFuture(
                failure instanceof TimeoutException
                    ? BucketExceptions.timeoutReached(System.nanoTime() - began, timeout)
                    : failure));
  }

  /** Waits on the calling thread. */
  static <T> T waitFor(CompletableFuture<T> answer) {
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
