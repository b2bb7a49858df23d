package io.howdah.lock;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The one daemon thread that sends renewals, started at the first. */
public final class Renewals implements AutoCloseable {
  private static final Duration SHORTEST = Duration.ofMillis(30);

  private final String threadName;
  private final ReentrantLock starting = new ReentrantLock();
  private @Nullable ScheduledExecutorService executor;
  private boolean closed;

  public Renewals(String threadName) {
    this.threadName = threadName;
  }

  static void check(Duration ttl) {
    if (ttl.compareTo(SHORTEST) < 0 || ttl.compareTo(Arguments.LONGEST) > 0) {
      throw new InvalidArgumentException(
          "ttl", "ttl: 30 milliseconds to 36500 days expected, got " + ttl);
    }
  }

  /** Runs {@code task} after each pause, until it is cancelled. It does not wait for anything. */
  public ScheduledFuture<?> every(Duration pause, Runnable task) {
    starting.lock();
    try {
      ScheduledExecutorService running = executor;
      if (running == null) {
        ScheduledThreadPoolExecutor fresh =
            new ScheduledThreadPoolExecutor(
                1,
                work -> {
                  Thread thread = Executors.defaultThreadFactory().newThread(work);
                  thread.setName(threadName);
                  thread.setDaemon(true);
                  return thread;
                });
        fresh.setRemoveOnCancelPolicy(true);
        if (closed) {
          fresh.shutdown();
        }
        running = fresh;
        executor = fresh;
      }
      return running.scheduleAtFixedRate(
          task, pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    } finally {
      starting.unlock();
    }
  }

  @Override
  public void close() {
    starting.lock();
    try {
      closed = true;
      if (executor != null) {
        executor.shutdownNow();
      }
    } finally {
      starting.unlock();
    }
  }
}
