package io.howdah.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends asynchronous calls at their deadline, and sees that they are not stuck behind slow
 * statements; blocking callers watch for both themselves. All calls of an engine have the same
 * timeout, so the queue is in the order of the deadlines.
 */
final class Deadlines implements Runnable {
  private static final long LOOK_EVERY_NANOS = 10_000_000;

  private final Engine engine;
  private final Queue<Call<?, ?>> calls = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
  private volatile boolean closed;

  Deadlines(Engine engine) {
    this.engine = engine;
  }

  void watch(Call<?, ?> call) {
    calls.add(call);
    if (thread.get() == null) {
      Thread fresh = new Thread(this, "howdah-" + engine.settings().schema() + "-deadlines");
      fresh.setDaemon(true);
      if (thread.compareAndSet(null, fresh)) {
        fresh.start();
      }
    }
  }

  @Override
  public void run() {
    while (!closed) {
      Call<?, ?> first;
      while ((first = calls.peek()) != null
          && (first.isOver() || first.deadlineNanos - System.nanoTime() <= 0)) {
        calls.poll();
        engine.expire(first);
      }
      engine.helpIfStuck();
      LockSupport.parkNanos(this, LOOK_EVERY_NANOS);
    }
  }

  void close() {
    closed = true;
    LockSupport.unpark(thread.get());
  }
}
