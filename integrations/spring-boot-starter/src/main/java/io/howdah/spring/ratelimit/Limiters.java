package io.howdah.spring.ratelimit;

import io.howdah.Howdah;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.ratelimit.RateLimiter.Fallback;
import io.howdah.spring.PropertyLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Makes limiters that do as the properties say. */
final class Limiters {
  /** Longer keys come as what they hash to. */
  private static final int KEY_CHARACTERS = 120;

  private final Howdah howdah;
  private final RateLimitProperties properties;

  Limiters(Howdah howdah, RateLimitProperties properties) {
    PropertyLimits.check(
        "howdah.rate-limit.patience",
        properties.patience(),
        Duration.ofMillis(1),
        Duration.ofMinutes(10));
    PropertyLimits.check("howdah.rate-limit.ipv6-prefix", properties.ipv6Prefix(), 1, 128);
    this.howdah = howdah;
    this.properties = properties;
  }

  RateLimiter limiter(String name, List<RateLimit> limits) {
    RateLimiter limiter =
        howdah.rateLimiter(
            name, limits.get(0), limits.subList(1, limits.size()).toArray(RateLimit[]::new));
    return switch (properties.onFailure()) {
      case ALLOW -> limiter.whenUnavailable(Fallback.OPEN, properties.patience());
      case DENY -> limiter.whenUnavailable(Fallback.CLOSED, properties.patience());
      case THROW -> limiter;
    };
  }

  /**
   * A key that fits, of one that a stranger may have chosen: what is long, or is not plain
   * printable text, is replaced by its hash.
   */
  static String bounded(String key) {
    boolean plain = !key.isEmpty() && key.length() <= KEY_CHARACTERS;
    for (int i = 0; plain && i < key.length(); i++) {
      char c = key.charAt(i);
      plain = !Character.isISOControl(c) && !Character.isSurrogate(c);
    }
    return plain ? key : "sha256:" + hash(key);
  }

  private static String hash(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_16BE));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
