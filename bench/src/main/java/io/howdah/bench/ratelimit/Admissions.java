package io.howdah.bench.ratelimit;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The calls of all threads on a key that nobody has asked for before, of which exactly as many must
 * be allowed as its limit says. They go on until that can be told, however short the round is.
 */
final class Admissions {

  private final RateLimitTarget target;
  private final String key;
  private final long limit;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong allowed = new AtomicLong();
  private final AtomicInteger calling;

  /**
   * @param limit how many calls must be allowed
   * @param threads how many loops are going to run
   */
  Admissions(RateLimitTarget target, String key, long limit, int threads) {
    this.target = target;
    this.key = key;
    this.limit = limit;
    calling = new AtomicInteger(threads);
  }

  /** The calls of one thread; the last one to end compares. */
  CallLoop loop() {
    return this::run;
  }

  private void run(CallRecorder recorder) throws Exception {
    while (!recorder.isOver() || asked.get() < 2 * limit) {
      long startedAt = System.nanoTime();
      boolean ok = target.acquire(key);
      recorder.completed(startedAt, System.nanoTime());
      asked.incrementAndGet();
      if (ok) {
        allowed.incrementAndGet();
      }
    }
    if (calling.decrementAndGet() == 0 && allowed.get() != limit) {
      recorder.wrong(
          "allowed %d of %d calls on %s, the limit is %d"
              .formatted(allowed.get(), asked.get(), key, limit));
    }
  }
}
