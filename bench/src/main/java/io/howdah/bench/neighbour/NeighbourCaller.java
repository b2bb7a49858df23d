package io.howdah.bench.neighbour;

import io.howdah.bench.kv.Dataset;
import io.howdah.bench.measure.PacedLoad;
import io.howdah.kv.KeyValueStore;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Nine reads for each write, of keys chosen uniformly at random. */
final class NeighbourCaller implements PacedLoad.Caller {

  private static final int GET_PERCENT = 90;

  /** Long enough that nothing ends while it is measured; a write without an end is rare. */
  static final Duration TTL = Duration.ofDays(1);

  private final KeyValueStore<String> store;
  private final Dataset dataset;
  private final SplittableRandom random;

  NeighbourCaller(KeyValueStore<String> store, Dataset dataset, long seed) {
    this.store = store;
    this.dataset = dataset;
    random = new SplittableRandom(seed);
  }

  @Override
  public void call(PacedLoad load, boolean atFullSpeed) {
    int index = random.nextInt(dataset.size());
    if (random.nextInt(100) < GET_PERCENT) {
      check(load, index, store.get(dataset.key(index)).orElse(null));
    } else {
      String value = dataset.value(index, random.nextInt(Dataset.REVISIONS));
      long unused = store.set(dataset.key(index), value, TTL);
    }
  }

  private void check(PacedLoad load, int index, @Nullable String value) {
    if (value == null) {
      load.wrong("no value for " + dataset.key(index));
    } else if (!dataset.isValue(index, value)) {
      load.wrong("another value for " + dataset.key(index) + ": " + value);
    }
  }
}
