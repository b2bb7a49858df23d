package io.howdah.ratelimit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.howdah.Wipe;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
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

  /** Made for the first denial: an application without limiters starts without a cache. */
  private final AtomicReference<@Nullable Cache<String, Denial>> denials = new AtomicReference<>();

  private volatile @Nullable Long wipedNanos;

  /** The database has lost what it counted. */
  public void wiped(Wipe wipe) {
    wipedNanos = System.nanoTime();
    forgetAll();
  }

  private void forgetAll() {
    Cache<String, Denial> known = denials.get();
    if (known != null) {
      known.invalidateAll();
    }
  }

  private Cache<String, Denial> made() {
    Cache<String, Denial> known = denials.get();
    if (known != null) {
      return known;
    }
    Cache<String, Denial> made = Caffeine.newBuilder().maximumSize(MOST).build();
    Cache<String, Denial> other = denials.compareAndExchange(null, made);
    return other == null ? made : other;
  }

  /** As if this much time had passed at once. */
  public void advance(Duration time) {
    Long wiped = wipedNanos;
    if (wiped != null) {
      wipedNanos = wiped - time.toNanos();
    }
    forgetAll();
  }

  /** Notes what the database said to a call that was made at this time. */
  void note(String key, RateLimit limit, long cost, Grant grant, long askedNanos) {
    made()
        .put(
            key,
            new Denial(
                limit,
                cost,
                grant.remaining(),
                askedNanos + grant.retryMicros() * 1_000,
                askedNanos + grant.resetMicros() * 1_000));
  }

  void forget(String key) {
    Cache<String, Denial> known = denials.get();
    if (known != null) {
      known.invalidate(key);
    }
  }

  /** The denial of a call, if it is known. */
  @Nullable Decision find(String key, RateLimit limit, long cost) {
    Cache<String, Denial> known = denials.get();
    Denial denial = known == null ? null : known.getIfPresent(key);
    if (known == null || denial == null || cost < denial.cost || !denial.limit.equals(limit)) {
      return null;
    }
    long now = System.nanoTime();
    if (now - denial.untilNanos >= 0) {
      known.asMap().remove(key, denial);
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
