package io.howdah.ratelimit;

import java.time.Duration;

/**
 * What a rate limiter says to a call. Of several limits, that of the tightest one.
 *
 * @param allowed whether the call may go on
 * @param maxCalls the number of calls of the limit
 * @param remaining how many more calls of cost 1 it would allow now
 * @param retryAfter how long until a call of this cost would be allowed; zero when this one was
 * @param resetAfter how long until nothing is left of what was counted
 * @param source where the answer comes from
 */
public record Decision(
    boolean allowed,
    long maxCalls,
    long remaining,
    Duration retryAfter,
    Duration resetAfter,
    Source source) {

  /** Where an answer comes from. */
  public enum Source {
    /** The database has counted. */
    DATABASE,
    /** The database has said a while ago for how long it would deny. */
    MEMORY,
    /** The database has denied, and the limiter only watches: {@link RateLimiter#shadow}. */
    SHADOW,
    /** The database gave no answer in time: {@link RateLimiter#whenUnavailable}. */
    UNAVAILABLE,
    /** The database has lost its counters a while ago: {@link RateLimiter#closedAfterWipe}. */
    WIPE
  }
}
