package io.howdah.cache;

import java.time.Duration;

/**
 * What one cache has done in this process, since its Howdah was opened.
 *
 * @param hits reads that found a fresh value, or that there is none
 * @param staleHits reads that found a stale one
 * @param misses reads that found nothing
 * @param loads computations that this process has made, refreshes included, and those that {@link
 *     AsyncComputedCache#endLoad} has ended
 * @param loadFailures those that ended in an exception
 * @param loadTime how long all of them took
 * @param waits misses for which another thread or process was computing already
 * @param unstored computations whose value was not stored: evicted meanwhile, taken over, or made
 *     without a claim, as in a transaction
 * @param puts values that were put
 * @param evictions calls that evicted a key, a tag, or everything
 */
public record CacheStats(
    long hits,
    long staleHits,
    long misses,
    long loads,
    long loadFailures,
    Duration loadTime,
    long waits,
    long unstored,
    long puts,
    long evictions) {
  /** The share of reads that found something, stale or fresh; 1 where there was no read. */
  public double hitRate() {
    long found = hits + staleHits;
    return found + misses == 0 ? 1 : (double) found / (found + misses);
  }
}
