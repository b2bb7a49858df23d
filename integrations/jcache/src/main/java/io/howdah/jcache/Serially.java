package io.howdah.jcache;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Runs one task after the other, on another executor. */
final class Serially implements Executor {
  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private boolean running;

  Serially(Executor executor) {
    this.executor = executor;
  }

  @Override
  public void execute(Runnable task) {
    boolean first;
    lock.lock();
    try {
      waiting.add(task);
      first = !running;
      running = true;
    } finally {
      lock.unlock();
    }
    if (first) {
      executor.execute(this::runAll);
    }
  }

  private void runAll() {
    for (Runnable task = next(); task != null; task = next()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // what comes after it is not its fault
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
    }
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      Runnable task = waiting.poll();
      running = task != null;
      return task;
    } finally {
      lock.unlock();
    }
  }
}
