package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;

/**
 * A call of a {@link RateLimited} method was denied: it has not begun. On the web it becomes status
 * 429, or 503 when the database gave no answer.
 */
public final class RateLimitedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final transient RateLimit limit;
  private final transient Decision decision;

  public RateLimitedException(String name, RateLimit limit, Decision decision) {
    super(
        decision.source() == Decision.Source.UNAVAILABLE
            ? "the rate limit " + name + " denies calls while the database gives no answer"
            : "the rate limit "
                + name
                + " of "
                + limit
                + " is exceeded: a call is allowed in "
                + decision.retryAfter());
    this.name = name;
    this.limit = limit;
    this.decision = decision;
  }

  /** Of the limit that denied. */
  public String name() {
    return name;
  }

  /** The limit that denied. */
  public RateLimit limit() {
    return limit;
  }

  /** When a call would be allowed, and the rest of what is known. */
  public Decision decision() {
    return decision;
  }
}
