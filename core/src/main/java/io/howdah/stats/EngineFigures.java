package io.howdah.stats;

import io.howdah.engine.EngineMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the engine does, and passes it on to the application's own metrics. */
public final class EngineFigures implements EngineMetrics {
  private final EngineMetrics next;
  private final Histogram calls = new Histogram(16);
  private final Histogram queueWait = new Histogram(32);
  private final Histogram run = new Histogram(32);
  private final LongAdder failures = new LongAdder();
  private final LongAdder quarantined = new LongAdder();
  private final LongAdder connections = new LongAdder();

  /** Passes on to {@code next}. */
  public EngineFigures(EngineMetrics next) {
    this.next = next;
  }

  @Override
  public void statement(String operation, int served, long queuedNanos, long ranNanos) {
    calls.add(served);
    queueWait.add(queuedNanos / 1_000);
    run.add(ranNanos / 1_000);
    next.statement(operation, served, queuedNanos, ranNanos);
  }

  @Override
  public void failure(String operation, String sqlState) {
    failures.increment();
    next.failure(operation, sqlState);
  }

  @Override
  public void quarantined(String operation, int count) {
    quarantined.add(count);
    next.quarantined(operation, count);
  }

  @Override
  public void connected(int lane) {
    connections.increment();
    next.connected(lane);
  }

  /** How many statements there were, also those that failed. */
  public long statements() {
    return calls.count() + failures.sum();
  }

  EngineStats stats(long wipes) {
    Distribution perStatement = calls.distribution();
    return new EngineStats(
        perStatement.count(),
        perStatement.sum(),
        failures.sum(),
        quarantined.sum(),
        connections.sum(),
        perStatement,
        queueWait.distribution(),
        run.distribution(),
        wipes);
  }

  private static final class Histogram {
    private final LongAdder sum = new LongAdder();
    private final LongAdder[] buckets;

    /** What would be past the last bucket is counted in it. */
    Histogram(int size) {
      buckets = new LongAdder[size];
      for (int i = 0; i < size; i++) {
        buckets[i] = new LongAdder();
      }
    }

    void add(long value) {
      sum.add(value);
      buckets[Math.min(Distribution.bucketOf(value), buckets.length - 1)].increment();
    }

    long count() {
      long count = 0;
      for (LongAdder bucket : buckets) {
        count += bucket.sum();
      }
      return count;
    }

    Distribution distribution() {
      List<Long> counts = new ArrayList<>(buckets.length);
      for (LongAdder bucket : buckets) {
        counts.add(bucket.sum());
      }
      return new Distribution(sum.sum(), counts);
    }
  }
}
