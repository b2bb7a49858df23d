package io.howdah.bench.ratelimit;

import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.sidebyside.Targets;
import io.howdah.bench.sidebyside.Targets.Definition;
import java.util.List;

/** All contestants of the rate limit benchmark, by name. */
public final class RateLimitTargets {

  public static final Targets<RateLimitTarget, RateLimitSettings> ALL =
      new Targets<>(
          List.of(
              Targets.redis(
                  "redis-lua",
                  (servers, settings) -> new LuaTarget(servers.redis(Persistence.NONE))),
              bucket4j("bucket4j-select", Bucket4jTarget.Mode.SELECT_FOR_UPDATE),
              bucket4j("bucket4j-advisory", Bucket4jTarget.Mode.ADVISORY_LOCK),
              Targets.howdah(
                  "bucket4j-howdah",
                  (servers, settings) -> new Bucket4jOnHowdahTarget(servers.postgres())),
              howdah("howdah", HowdahTarget.Style.TOKEN_BUCKET),
              howdah("howdah-memory", HowdahTarget.Style.MEMORY),
              howdah("howdah-sliding", HowdahTarget.Style.SLIDING),
              howdah("howdah-fixed", HowdahTarget.Style.FIXED)));

  private RateLimitTargets() {}

  private static Definition<RateLimitTarget, RateLimitSettings> bucket4j(
      String name, Bucket4jTarget.Mode mode) {
    return Targets.jdbc(
        name,
        (servers, settings) -> new Bucket4jTarget(servers.postgres(), mode, settings.jdbcPool()));
  }

  private static Definition<RateLimitTarget, RateLimitSettings> howdah(
      String name, HowdahTarget.Style style) {
    return Targets.howdah(name, (servers, settings) -> new HowdahTarget(servers.postgres(), style));
  }
}
