package io.howdah.bench.ratelimit;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Howdah as a program uses it: one instance with its default settings, blocking calls. */
final class HowdahTarget implements RateLimitTarget {

  /** How calls are counted, and what answers. */
  enum Style {
    TOKEN_BUCKET("howdah", "Howdah, token bucket", "token bucket, each call asks the database"),
    MEMORY(
        "howdah-memory",
        "Howdah, token bucket, memory",
        "token bucket, a denied key is answered from memory until its retry time (the default)"),
    SLIDING("howdah-sliding", "Howdah, sliding", "sliding window, each call asks the database"),
    FIXED("howdah-fixed", "Howdah, fixed", "fixed window, each call asks the database");

    private final String name;
    private final String label;
    private final String rule;

    Style(String name, String label, String rule) {
      this.name = name;
      this.label = label;
      this.rule = rule;
    }
  }

  private final PostgresServer server;
  private final Style style;
  private @Nullable Howdah howdah;
  private @Nullable RateLimiter limiter;

  HowdahTarget(PostgresServer server, Style style) {
    this.server = server;
    this.style = style;
  }

  @Override
  public Profile profile() {
    return new Profile(
        style.name,
        style.label,
        "Postgres through Howdah with its default settings; " + style.rule + "; blocking calls",
        HOWDAH,
        Durability.EPHEMERAL);
  }

  /** What is allowed is never in memory. */
  @Override
  public boolean supports(Workload workload) {
    return style != Style.MEMORY || workload == Workload.DENIED;
  }

  @Override
  public void open(int threads, Allowance allowance) {
    Howdah opened = Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
    howdah = opened;
    limiter =
        opened.rateLimiter(style.name, limit(allowance)).answeringFromMemory(style == Style.MEMORY);
  }

  private RateLimit limit(Allowance allowance) {
    RateLimit limit = RateLimit.of(allowance.calls(), allowance.period());
    return switch (style) {
      case TOKEN_BUCKET, MEMORY -> limit;
      case SLIDING -> limit.slidingWindow();
      case FIXED -> limit.fixedWindow();
    };
  }

  @Override
  public boolean acquire(String key) {
    if (limiter == null) {
      throw new IllegalStateException("not open");
    }
    return limiter.acquire(key).allowed();
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(PostgresServer.HOWDAH_SCHEMA + ".rate_limit");
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
      limiter = null;
    }
  }
}
