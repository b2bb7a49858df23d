package io.howdah.bench.kv;

import io.howdah.bench.measure.CallLoop;
import io.howdah.bench.measure.CallRecorder;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A closed loop: the next call goes out when the answer to the last one is there. */
final class BlockingLoop implements CallLoop {

  private final BlockingTarget target;
  private final Workload workload;
  private final Dataset dataset;
  private final SplittableRandom random;

  BlockingLoop(BlockingTarget target, Workload workload, Dataset dataset, SplittableRandom random) {
    this.target = target;
    this.workload = workload;
    this.dataset = dataset;
    this.random = random;
  }

  @Override
  public void run(CallRecorder recorder) throws Exception {
    while (!recorder.isOver()) {
      if (workload == Workload.INCREMENT) {
        increment(recorder);
        continue;
      }
      int index = random.nextInt(dataset.size());
      String key = dataset.key(index);
      if (workload.nextIsRead(random)) {
        long startedAt = System.nanoTime();
        String value = target.get(key);
        recorder.completed(startedAt, System.nanoTime());
        check(recorder, dataset, index, value);
      } else {
        String value = dataset.value(index, random.nextInt(Dataset.REVISIONS));
        long startedAt = System.nanoTime();
        target.set(key, value);
        recorder.completed(startedAt, System.nanoTime());
      }
    }
  }

  private void increment(CallRecorder recorder) throws Exception {
    String key = Dataset.counter(random.nextInt(Dataset.COUNTERS));
    long startedAt = System.nanoTime();
    long count = target.increment(key);
    recorder.completed(startedAt, System.nanoTime());
    if (count < 1) {
      recorder.wrong(count + " after an increment of " + key);
    }
  }

  static void check(CallRecorder recorder, Dataset dataset, int index, @Nullable String value) {
    if (value == null) {
      recorder.wrong("no value for " + dataset.key(index));
    } else if (!dataset.isValue(index, value)) {
      recorder.wrong("another value for " + dataset.key(index) + ": " + value);
    }
  }
}
