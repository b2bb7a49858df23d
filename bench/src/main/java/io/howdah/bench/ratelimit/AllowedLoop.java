package io.howdah.bench.ratelimit;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import java.util.List;
import java.util.SplittableRandom;

/** A closed loop over keys, each of which has room for every call. */
final class AllowedLoop implements CallLoop {

  private final RateLimitTarget target;
  private final List<String> keys;
  private final SplittableRandom random;

  AllowedLoop(RateLimitTarget target, List<String> keys, SplittableRandom random) {
    this.target = target;
    this.keys = keys;
    this.random = random;
  }

  @Override
  public void run(CallRecorder recorder) throws Exception {
    while (!recorder.isOver()) {
      String key = keys.get(random.nextInt(keys.size()));
      long startedAt = System.nanoTime();
      boolean allowed = target.acquire(key);
      recorder.completed(startedAt, System.nanoTime());
      if (!allowed) {
        recorder.wrong("denied a call on " + key + ", which has room");
      }
    }
  }
}
