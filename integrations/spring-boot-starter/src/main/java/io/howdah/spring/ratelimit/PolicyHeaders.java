package io.howdah.spring.ratelimit;

import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import java.time.Duration;
import java.util.List;

/**
 * The values of RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11), which are
 * structured fields (RFC 9651).
 */
final class PolicyHeaders {
  static final String POLICY = "RateLimit-Policy";
  static final String LIMIT = "RateLimit";

  private static final int NAME_CHARACTERS = 128;

  /** The largest Integer of a structured field. */
  private static final long MOST = 999_999_999_999_999L;

  private PolicyHeaders() {}

  /**
   * A name that is a String of a structured field.
   *
   * @throws IllegalArgumentException when it is not
   */
  static void checkName(String name) {
    if (name.isEmpty()
        || name.length() > NAME_CHARACTERS
        || name.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
      throw new IllegalArgumentException(
          "name: 1 to " + NAME_CHARACTERS + " printable ASCII characters expected");
    }
  }

  /** What the limits of a limiter are. */
  static String policies(String name, List<RateLimit> limits) {
    StringBuilder header = new StringBuilder();
    for (RateLimit limit : limits) {
      if (!header.isEmpty()) {
        header.append(", ");
      }
      header
          .append(string(policy(name, limits, limit)))
          .append(";q=")
          .append(whole(limit.maxCalls()));
      // A window has whole seconds, or is not told.
      if (limit.period().toNanosPart() == 0) {
        header.append(";w=").append(limit.period().toSeconds());
      }
      if (limit.burst() != limit.maxCalls()) {
        header.append(";howdah-burst=").append(whole(limit.burst()));
      }
    }
    return header.toString();
  }

  /** How one of them stands, which is called {@code policy}. */
  static String limit(String policy, RateLimit limit, Decision decision) {
    return string(policy)
        + ";r="
        + whole(decision.remaining())
        + ";t="
        + whole(seconds(window(limit, decision)));
  }

  /** What a limit of a limiter is called: by its period, where there are several. */
  static String policy(String name, List<RateLimit> limits, RateLimit limit) {
    return limits.size() == 1 ? name : name + ":" + limit.period();
  }

  /**
   * For how long what remains has to last. Who spreads it over that time stays within the limit: a
   * bucket that is almost full says the time in which as much flows in.
   */
  private static Duration window(RateLimit limit, Decision decision) {
    if (!decision.allowed()) {
      return decision.retryAfter();
    }
    if (limit.algorithm() != RateLimit.Algorithm.TOKEN_BUCKET) {
      return decision.resetAfter().compareTo(limit.period()) < 0
          ? decision.resetAfter()
          : limit.period();
    }
    double share = (double) Math.max(1, decision.remaining()) / limit.maxCalls();
    return Duration.ofNanos((long) Math.min(Long.MAX_VALUE, limit.period().toNanos() * share));
  }

  /** Rounded up: a client that comes a little later is not denied again. */
  static long seconds(Duration time) {
    return time.toSeconds() + (time.toNanosPart() > 0 ? 1 : 0);
  }

  private static long whole(long number) {
    return Math.min(number, MOST);
  }

  private static String string(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
