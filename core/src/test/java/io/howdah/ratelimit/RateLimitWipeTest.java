package io.howdah.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.lock.HeldLock;
import io.howdah.testing.PrivatePostgres;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a crash of Postgres takes from limits, and leaves of locks. */
@Timeout(180)
@Tag("full")
class RateLimitWipeTest {
  @Test
  void crashStartsLimitsAnewOrClosesThemAndFreesNoLock() {
    try (PrivatePostgres postgres = PrivatePostgres.create();
        Howdah howdah = Howdah.builder(postgres.url()).sweeper(false).open()) {
      RateLimiter limiter = howdah.rateLimiter("l", RateLimit.of(2, Duration.ofDays(1)));
      RateLimiter strict = limiter.closedAfterWipe();
      assertThat(limiter.acquire("k", 2).allowed()).isTrue();
      assertThat(limiter.acquire("k").allowed()).isFalse();
      assertThat(strict.acquire("other").allowed()).isTrue();
      HeldLock lock = howdah.locks().tryAcquire("kept", Duration.ofMinutes(10)).orElseThrow();

      postgres.kill();
      postgres.start();

      assertThat(atLast(limiter).allowed()).isTrue();
      Decision closed = strict.acquire("other");
      assertThat(closed.allowed()).isFalse();
      assertThat(closed.source()).isEqualTo(Decision.Source.WIPE);
      assertThat(closed.retryAfter()).isBetween(Duration.ofHours(23), Duration.ofDays(1));
      assertThat(strict.shadow().acquire("other").allowed()).isTrue();
      assertThat(howdah.locks().tryAcquire("kept", Duration.ofMinutes(10))).isEmpty();
      assertThat(lock.renew(Duration.ofMinutes(10))).isTrue();
      assertThat(lock.release()).isTrue();
      assertThat(howdah.locks().tryAcquire("kept", Duration.ofMinutes(1)).orElseThrow().token())
          .isGreaterThan(lock.token());
    }
  }

  /** The first calls after a crash may meet connections that it has cut, and denials of before. */
  private static Decision atLast(RateLimiter limiter) {
    while (true) {
      try {
        Decision decision = limiter.answeringFromMemory(false).acquire("k", 2);
        if (decision.allowed()) {
          return decision;
        }
      } catch (HowdahException e) {
        assertThat(e.code().name()).isIn("UNAVAILABLE", "TIMEOUT");
      }
    }
  }
}
