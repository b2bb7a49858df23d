package io.howdah.ratelimit;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import java.util.Objects;

/**
 * So many calls in so much time, and by which rule they are counted. Immutable.
 *
 * <p>Without another word it is a token bucket ({@link Algorithm#TOKEN_BUCKET}) that is as large as
 * the number of calls.
 */
public final class RateLimit {
  /** How calls are counted. */
  public enum Algorithm {
    /**
     * A bucket of {@link #burst} tokens that refills evenly, at so many a period; a call takes as
     * many as it costs. Computed as the generic cell rate algorithm (GCRA; ITU-T I.371, annex A):
     * one row and one time, nothing that ticks. It admits burst and what has flowed in, exactly.
     */
    TOKEN_BUCKET('g'),
    /**
     * At most so many calls in any period, estimated from two windows: those of this window, and
     * those of the one before by the share of it that is still in sight (Cloudflare, "How we built
     * rate limiting capable of scaling to millions of domains", 2017).
     */
    SLIDING_WINDOW('s'),
    /**
     * At most so many calls in each window. Windows begin at multiples of the period since 1970, in
     * UTC, so twice as many may come around the border of two.
     */
    FIXED_WINDOW('f');

    final char code;

    Algorithm(char code) {
      this.code = code;
    }
  }

  /** Products of calls and microseconds stay below it. */
  private static final double MOST = 0x1p62;

  private final Algorithm algorithm;
  private final long maxCalls;
  private final Duration period;
  private final long burst;

  private RateLimit(Algorithm algorithm, long maxCalls, Duration period, long burst) {
    this.algorithm = algorithm;
    this.maxCalls = Arguments.positive("maxCalls", maxCalls);
    this.period = period;
    this.burst = Arguments.positive("burst", burst);
    long micros = Arguments.micros("period", period);
    if ((double) Math.max(maxCalls, burst) * micros >= MOST) {
      throw new InvalidArgumentException(
          burst > maxCalls ? "burst" : "maxCalls",
          Math.max(maxCalls, burst) + " calls in " + period + " are too many to count");
    }
  }

  /**
   * At most {@code maxCalls} in each {@code period}.
   *
   * @param maxCalls 1 or more; times the period in microseconds it is below 2<sup>62</sup>
   * @param period 1 microsecond to 36,500 days
   * @throws InvalidArgumentException when one is outside
   */
  public static RateLimit of(long maxCalls, Duration period) {
    return new RateLimit(Algorithm.TOKEN_BUCKET, maxCalls, period, maxCalls);
  }

  public static RateLimit perSecond(long maxCalls) {
    return of(maxCalls, Duration.ofSeconds(1));
  }

  public static RateLimit perMinute(long maxCalls) {
    return of(maxCalls, Duration.ofMinutes(1));
  }

  public static RateLimit perHour(long maxCalls) {
    return of(maxCalls, Duration.ofHours(1));
  }

  /** A day has 24 hours. */
  public static RateLimit perDay(long maxCalls) {
    return of(maxCalls, Duration.ofDays(1));
  }

  /**
   * A token bucket of another size: so many calls may come at once.
   *
   * @throws InvalidArgumentException when it is less than 1, or too large to count
   */
  public RateLimit burst(long calls) {
    return new RateLimit(Algorithm.TOKEN_BUCKET, maxCalls, period, calls);
  }

  /** The same numbers, counted in a sliding window. */
  public RateLimit slidingWindow() {
    return new RateLimit(Algorithm.SLIDING_WINDOW, maxCalls, period, maxCalls);
  }

  /** The same numbers, counted in fixed windows. */
  public RateLimit fixedWindow() {
    return new RateLimit(Algorithm.FIXED_WINDOW, maxCalls, period, maxCalls);
  }

  public Algorithm algorithm() {
    return algorithm;
  }

  public long maxCalls() {
    return maxCalls;
  }

  public Duration period() {
    return period;
  }

  /** How many calls may come at once: {@link #maxCalls}, unless it is a bucket of another size. */
  public long burst() {
    return burst;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RateLimit that
        && algorithm == that.algorithm
        && maxCalls == that.maxCalls
        && period.equals(that.period)
        && burst == that.burst;
  }

  @Override
  public int hashCode() {
    return Objects.hash(algorithm, maxCalls, period, burst);
  }

  @Override
  public String toString() {
    return maxCalls
        + " in "
        + period
        + ", "
        + algorithm
        + (burst == maxCalls ? "" : " of " + burst);
  }
}
