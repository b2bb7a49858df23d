package io.howdah.bench.job;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/** What handlers tell: each job has a number from 0 on. */
public final class JobMeter {
  private final AtomicIntegerArray times;
  private final AtomicLongArray beganAt;
  private final CountDownLatch left;

  JobMeter(int jobs) {
    this.times = new AtomicIntegerArray(jobs);
    this.beganAt = new AtomicLongArray(jobs);
    this.left = new CountDownLatch(jobs);
  }

  /** Told by a handler. */
  public void began(int job) {
    beganAt.set(job, System.nanoTime());
    if (times.getAndIncrement(job) == 0) {
      left.countDown();
    }
  }

  boolean await(long seconds) throws InterruptedException {
    return left.await(seconds, TimeUnit.SECONDS);
  }

  long missing() {
    return left.getCount();
  }

  long twice() {
    long count = 0;
    for (int i = 0; i < times.length(); i++) {
      count += times.get(i) > 1 ? 1 : 0;
    }
    return count;
  }

  boolean hasBegun(int job) {
    return times.get(job) > 0;
  }

  long beganAt(int job) {
    return beganAt.get(job);
  }
}
