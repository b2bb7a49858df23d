package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ResponseStatus;

/**
 * A call of a {@link RateLimited} method was denied: it has not begun. On the web it becomes status
 * 429; in servlets with headers and a body, and 503 when the database gave no answer.
 */
@ResponseStatus(HttpStatus.TOO_MANY_REQUESTS)
public final class RateLimitedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final String policy;
  private final String policies;
  private final transient RateLimit limit;
  private final transient Decision decision;

  /**
   * Makes one.
   *
   * @param policy what the limit that denied is called in headers
   * @param policies all limits of the method, for a header
   */
  RateLimitedException(
      String name, String policy, String policies, RateLimit limit, Decision decision) {
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
    this.policy = policy;
    this.policies = policies;
    this.limit = limit;
    this.decision = decision;
  }

  /** Of the limit that denied. */
  public String name() {
    return name;
  }

  String policy() {
    return policy;
  }

  String policies() {
    return policies;
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
