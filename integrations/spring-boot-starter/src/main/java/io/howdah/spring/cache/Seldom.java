package io.howdah.spring.cache;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** When something that each call may meet is to be said: at first, and then every 10 seconds. */
final class Seldom {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong dueAt = new AtomicLong(System.nanoTime());

  /** Whether it is to be said now, by this caller alone. */
  boolean isDue() {
    long now = System.nanoTime();
    long due = dueAt.get();
    return now - due >= 0 && dueAt.compareAndSet(due, now + PAUSE_NANOS);
  }
}
