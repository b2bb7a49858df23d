package io.howdah.spring.actuate;

import io.howdah.HowdahException;
import io.howdah.stats.Stats;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The figures of Howdah for whoever reads many gauges at once: to ask takes a call of some
 * milliseconds, so the answer is kept for a while. So is that there was none.
 */
final class RecentStats {
  private static final Logger LOG = LoggerFactory.getLogger(RecentStats.class);

  private final Supplier<Stats> source;
  private final Duration kept;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Stats stats;
  private volatile long nextAt = System.nanoTime();

  RecentStats(Supplier<Stats> source, Duration kept) {
    this.source = source;
    this.kept = kept;
  }

  /**
   * What the last answer said; null when there was none. Asks again when that is too old: on this
   * thread, unless another one does.
   */
  @Nullable Stats get() {
    if (System.nanoTime() - nextAt >= 0 && lock.tryLock()) {
      try {
        if (System.nanoTime() - nextAt >= 0) {
          stats = ask();
          nextAt = System.nanoTime() + kept.toNanos();
        }
      } finally {
        lock.unlock();
      }
    }
    return stats;
  }

  private @Nullable Stats ask() {
    try {
      return source.get();
    } catch (HowdahException e) {
      LOG.debug("no figures", e);
      return null;
    }
  }
}
