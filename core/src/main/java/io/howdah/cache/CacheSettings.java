package io.howdah.cache;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;

/**
 * How a process uses a cache. Others may use the same cache in another way: an entry keeps the
 * times with which it was stored.
 *
 * @param ttl how long a value is fresh: 1 microsecond to 36,500 days. Default: 10 minutes
 * @param staleFor for how long after that it is stale: whoever asks gets it at once, and one of
 *     them in the whole cluster computes it anew in the background; up to 36,500 days. Default:
 *     zero, so whoever asks waits
 * @param emptyTtl how long it is known of a key that its loader has found nothing, up to 36,500
 *     days; zero: that is not stored, and whoever asks computes. Default: 1 minute
 * @param jitter by which share of its time to live a computed value may end earlier, at random, so
 *     that what was computed together does not end together: 0 to 1. Default: 0.1
 * @param lease after how long others take a computation over from a process that is gone; one that
 *     lives renews it: 30 milliseconds to 36,500 days. Default: 10 seconds
 * @param maxWait how long a caller waits for the computation of another one before it computes for
 *     itself, which it does not store; up to 36,500 days. Default: 30 seconds
 * @param failurePause how long after a refresh in the background failed this process hands out the
 *     stale value without trying again; up to 36,500 days. Default: 1 second
 * @param loadsWhenAway whether a caller of {@code get} or {@code find} computes for itself when the
 *     database does not answer; otherwise it gets the {@link io.howdah.CallFailedException}.
 *     Default: false, since most loaders need the same database
 */
public record CacheSettings(
    Duration ttl,
    Duration staleFor,
    Duration emptyTtl,
    double jitter,
    Duration lease,
    Duration maxWait,
    Duration failurePause,
    boolean loadsWhenAway) {
  private static final CacheSettings DEFAULTS =
      new CacheSettings(
          Duration.ofMinutes(10),
          Duration.ZERO,
          Duration.ofMinutes(1),
          0.1,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          false);

  /**
   * Checks them.
   *
   * @throws InvalidArgumentException when one is outside its limits
   */
  public CacheSettings {
    between("ttl", ttl, Duration.ofNanos(1_000));
    between("staleFor", staleFor, Duration.ZERO);
    between("emptyTtl", emptyTtl, Duration.ZERO);
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new InvalidArgumentException("jitter", "jitter: 0 to 1 expected, got " + jitter);
    }
    between("lease", lease, Duration.ofMillis(30));
    between("maxWait", maxWait, Duration.ZERO);
    between("failurePause", failurePause, Duration.ZERO);
  }

  /** Each setting says its default. */
  public static CacheSettings defaults() {
    return DEFAULTS;
  }

  /** These settings with another {@link #ttl}. */
  public CacheSettings withTtl(Duration ttl) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #staleFor}. */
  public CacheSettings withStaleFor(Duration staleFor) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #emptyTtl}. */
  public CacheSettings withEmptyTtl(Duration emptyTtl) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #jitter}. */
  public CacheSettings withJitter(double jitter) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #lease}. */
  public CacheSettings withLease(Duration lease) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #maxWait}. */
  public CacheSettings withMaxWait(Duration maxWait) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #failurePause}. */
  public CacheSettings withFailurePause(Duration failurePause) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  /** These settings with another {@link #loadsWhenAway}. */
  public CacheSettings withLoadsWhenAway(boolean loadsWhenAway) {
    return new CacheSettings(
        ttl, staleFor, emptyTtl, jitter, lease, maxWait, failurePause, loadsWhenAway);
  }

  private static void between(String argument, Duration duration, Duration least) {
    if (duration.compareTo(least) < 0 || duration.compareTo(Arguments.LONGEST) > 0) {
      throw new InvalidArgumentException(
          argument, argument + ": " + least + " to 36500 days expected, got " + duration);
    }
  }
}
