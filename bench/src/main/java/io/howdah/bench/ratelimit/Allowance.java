package io.howdah.bench.ratelimit;

import java.time.Duration;

/**
 * What a limiter is told: so many calls in so much time, all of which may come at once.
 *
 * @param calls how many calls
 * @param period in which they flow back
 */
public record Allowance(long calls, Duration period) {

  /** More than any limiter here can answer, on each key: nobody is ever denied. */
  static final Allowance PLENTY = new Allowance(1_000_000, Duration.ofSeconds(1));

  /**
   * So slow that nothing flows back during a benchmark, and as long as a period may be: windows,
   * which begin at its multiples since 1970, do not turn before 2069.
   */
  static final Allowance FEW = new Allowance(100, Duration.ofDays(36_500));
}
