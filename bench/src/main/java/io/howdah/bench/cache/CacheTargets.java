package io.howdah.bench.cache;

import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.sidebyside.Targets;
import java.util.List;

/** All contestants of the cache benchmark, by name. */
public final class CacheTargets {

  public static final Targets<CacheTarget, CacheBenchSettings> ALL =
      new Targets<>(
          List.of(
              Targets.redis(
                  "redis-aside",
                  (servers, settings) -> new LettuceTarget(servers.redis(Persistence.NONE))),
              Targets.howdah(
                  "howdah", (servers, settings) -> new HowdahTarget(servers.postgres()))));

  private CacheTargets() {}
}
