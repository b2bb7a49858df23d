package io.howdah.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.howdah.Wipe;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows without asking: for how long the database would deny a key, and when it
 * has lost its counters. Shared by all limiters of a Howdah.
 */
public final class Denials {
  private static final int MOST = 50_000;

  /** A denial of calls of this cost, or a higher one. */
  private record Denial(
      RateLimit limit, long cost, long remaining, long untilNanos, long resetNanos) {}

  private final Cache<String, Denial> denials = Caffeine.newBuilder().maximumSize(MOST).build();
  private volatile @Nullable Long wipedNanos;

  /** The database has lost what it counted. */
  public void wiped(Wipe wipe) {
    wipedNanos = System.nanoTime();
    denials.invalidateAll();
  }

  /** As if this much time had passed at once. */
  public void advance(Duration time) {
    Long wiped = wipedNanos;
    if (wiped != null) {
      wipedNanos = wiped - time.toNanos();
    }
    denials.invalidateAll();
  }

  /** Notes what the database said to a call that was made at this time. */
  void note(String key, RateLimit limit, long cost, Grant grant, long askedNanos) {
    denials.put(
        key,
        new Denial(
            limit,
            cost,
            grant.remaining(),
            askedNanos + grant.retryMicros() * 1_000,
            askedNanos + grant.resetMicros() * 1_000));
  }

  void forget(String key) {
    denials.invalidate(key);
  }

  /** The denial of a call, if it is known. */
  @Nullable Decision find(String key, RateLimit limit, long cost) {
    Denial denial = denials.getIfPresent(key);
    if (denial == null || cost < denial.cost || !denial.limit.equals(limit)) {
      return null;
    }
    long now = System.nanoTime();
    if (now - denial.untilNanos >= 0) {
      denials.asMap().remove(key, denial);
      return null;
    }
    return new Decision(
        false,
        limit.maxCalls(),
        denial.remaining,
        Duration.ofNanos(denial.untilNanos - now),
        Duration.ofNanos(Math.max(0, denial.resetNanos - now)),
        Decision.Source.MEMORY);
  }

  /** How much of a time after the last wipe is left; zero when all is over. */
  Duration leftAfterWipe(Duration time) {
    Long wiped = wipedNanos;
    if (wiped == null) {
      return Duration.ZERO;
    }
    Duration left = time.minusNanos(System.nanoTime() - wiped);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
