package io.howdah.job;

import io.howdah.engine.Engine;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * {@link JobQueue}'s enqueueing without waiting. Arguments are checked, and payloads encoded, on
 * the calling thread; a stage completes on the executor of the Howdah, exceptionally with what the
 * blocking method would throw.
 *
 * @param <T> the payload
 */
public final class AsyncJobQueue<T> {
  private final JobShape<T> shape;
  private final Engine engine;

  AsyncJobQueue(JobShape<T> shape, Engine engine) {
    this.shape = shape;
    this.engine = engine;
  }

  /** {@link JobQueue#enqueue(Object)}. */
  public CompletionStage<Long> enqueue(T payload) {
    return engine
        .callAsync(JobEnqueue.ONE, shape.job(payload, JobOptions.defaults()))
        .thenApply(Objects::requireNonNull);
  }

  /** {@link JobQueue#enqueue(Object, JobOptions)}. */
  public CompletionStage<OptionalLong> enqueue(T payload, JobOptions options) {
    return engine
        .callAsync(JobEnqueue.ONE, shape.job(payload, options))
        .thenApply(id -> id == null ? OptionalLong.empty() : OptionalLong.of(id));
  }
}
