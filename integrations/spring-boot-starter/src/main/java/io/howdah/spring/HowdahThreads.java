package io.howdah.spring;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.jspecify.annotations.Nullable;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * What completes the stages of asynchronous calls, and runs listeners.
 *
 * <p>Not Spring's own task executor: tasks of the application that wait for a call would hold the
 * threads that the end of the call needs. Not the common pool: its threads do not see the classes
 * of an application that runs from one jar. And no bean of type {@link Executor}: Spring Boot would
 * make none then.
 */
final class HowdahThreads implements AutoCloseable {
  /** A thread that waits for a stage is replaced; one that waits for a database is not. */
  private static final int LEAST = 4;

  private final Executor executor;
  private final @Nullable ForkJoinPool pool;

  private HowdahThreads(Executor executor, @Nullable ForkJoinPool pool) {
    this.executor = executor;
    this.pool = pool;
  }

  static HowdahThreads virtual() {
    return new HowdahThreads(new VirtualThreadTaskExecutor("howdah-async-"), null);
  }

  static HowdahThreads platform(@Nullable ClassLoader loader) {
    ForkJoinPool pool =
        new ForkJoinPool(
            Math.max(LEAST, Runtime.getRuntime().availableProcessors()),
            owner -> {
              ForkJoinWorkerThread thread =
                  ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(owner);
              thread.setName("howdah-async-" + thread.getPoolIndex());
              thread.setContextClassLoader(loader);
              return thread;
            },
            null,
            true);
    return new HowdahThreads(pool, pool);
  }

  Executor executor() {
    return executor;
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
