package io.howdah.bench.cache;

import io.howdah.bench.kv.JsonValues;
import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import java.util.List;
import java.util.SplittableRandom;

/** A closed loop over keys. */
final class CacheLoop implements CallLoop {

  private final CacheTarget target;
  private final List<String> keys;
  private final JsonValues values;
  private final Workload workload;
  private final SplittableRandom random;

  CacheLoop(
      CacheTarget target,
      List<String> keys,
      JsonValues values,
      Workload workload,
      SplittableRandom random) {
    this.target = target;
    this.keys = keys;
    this.values = values;
    this.workload = workload;
    this.random = random;
  }

  @Override
  public void run(CallRecorder recorder) throws Exception {
    while (!recorder.isOver()) {
      String key = keys.get(random.nextInt(keys.size()));
      boolean evicts =
          workload == Workload.CHANGING && random.nextInt(Workload.CALLS_PER_EVICTION) == 0;
      int revision = random.nextInt(JsonValues.REVISIONS);
      long startedAt = System.nanoTime();
      if (evicts) {
        target.evict(key);
        recorder.completed(startedAt, System.nanoTime());
      } else {
        String value = target.get(key, () -> values.of(key, revision));
        recorder.completed(startedAt, System.nanoTime());
        if (!values.isOf(key, value)) {
          recorder.wrong("the value of " + key + " is that of another key");
        }
      }
    }
  }
}
