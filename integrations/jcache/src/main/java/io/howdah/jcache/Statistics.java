package io.howdah.jcache;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import javax.cache.management.CacheStatisticsMXBean;

/** What this process has done with a cache. */
final class Statistics implements CacheStatisticsMXBean {
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder removals = new LongAdder();
  private final LongAdder getNanos = new LongAdder();
  private final LongAdder putNanos = new LongAdder();
  private final LongAdder removeNanos = new LongAdder();
  private volatile boolean enabled;

  void enable(boolean on) {
    enabled = on;
  }

  /** One key was found, or was not. */
  void found(boolean hit) {
    found(hit ? 1 : 0, hit ? 0 : 1);
  }

  void found(long hit, long missed) {
    if (enabled) {
      hits.add(hit);
      misses.add(missed);
    }
  }

  void put(long entries) {
    if (enabled) {
      puts.add(entries);
    }
  }

  void removed(long entries) {
    if (enabled) {
      removals.add(entries);
    }
  }

  /** Counts what an operation has put and removed. */
  void done(Done<?> done) {
    if (done.hasPut()) {
      put(1);
    }
    if (done.hasRemoved()) {
      removed(1);
    }
  }

  void tookGet(long began) {
    took(getNanos, began);
  }

  void tookPut(long began) {
    took(putNanos, began);
  }

  void tookRemove(long began) {
    took(removeNanos, began);
  }

  private void took(LongAdder nanos, long began) {
    if (enabled) {
      nanos.add(System.nanoTime() - began);
    }
  }

  @Override
  public void clear() {
    List.of(hits, misses, puts, removals, getNanos, putNanos, removeNanos)
        .forEach(LongAdder::reset);
  }

  @Override
  public long getCacheHits() {
    return hits.sum();
  }

  @Override
  public float getCacheHitPercentage() {
    return percentage(getCacheHits());
  }

  @Override
  public long getCacheMisses() {
    return misses.sum();
  }

  @Override
  public float getCacheMissPercentage() {
    return percentage(getCacheMisses());
  }

  private float percentage(long part) {
    long gets = getCacheGets();
    return gets == 0 ? 0 : 100f * part / gets;
  }

  @Override
  public long getCacheGets() {
    return getCacheHits() + getCacheMisses();
  }

  @Override
  public long getCachePuts() {
    return puts.sum();
  }

  @Override
  public long getCacheRemovals() {
    return removals.sum();
  }

  /** Always 0: it is the sweeper of some process that evicts. */
  @Override
  public long getCacheEvictions() {
    return 0;
  }

  @Override
  public float getAverageGetTime() {
    return micros(getNanos, getCacheGets());
  }

  @Override
  public float getAveragePutTime() {
    return micros(putNanos, getCachePuts());
  }

  @Override
  public float getAverageRemoveTime() {
    return micros(removeNanos, getCacheRemovals());
  }

  private static float micros(LongAdder nanos, long calls) {
    return calls == 0 ? 0 : nanos.sum() / 1_000f / calls;
  }
}
