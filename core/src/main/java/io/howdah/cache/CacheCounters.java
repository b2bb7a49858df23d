package io.howdah.cache;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts for {@link CacheStats}. */
final class CacheCounters {
  final LongAdder hits = new LongAdder();
  final LongAdder staleHits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder loads = new LongAdder();
  final LongAdder loadFailures = new LongAdder();
  final LongAdder loadNanos = new LongAdder();
  final LongAdder waits = new LongAdder();
  final LongAdder unstored = new LongAdder();
  final LongAdder puts = new LongAdder();
  final LongAdder evictions = new LongAdder();

  void found(boolean stale) {
    (stale ? staleHits : hits).increment();
  }

  CacheStats stats() {
    return new CacheStats(
        hits.sum(),
        staleHits.sum(),
        misses.sum(),
        loads.sum(),
        loadFailures.sum(),
        Duration.ofNanos(loadNanos.sum()),
        waits.sum(),
        unstored.sum(),
        puts.sum(),
        evictions.sum());
  }
}
