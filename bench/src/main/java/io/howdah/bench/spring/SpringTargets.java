package io.howdah.bench.spring;

import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bench.server.RedisServer;
import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.session.HowdahStyle;
import io.howdah.bench.session.SessionContestant;
import io.howdah.bench.session.SessionTarget;
import io.howdah.bench.session.SpringHowdahTarget;
import io.howdah.bench.session.SpringJdbcTarget;
import io.howdah.bench.session.SpringRedisIndexedTarget;
import io.howdah.bench.session.SpringRedisTarget;
import io.howdah.bench.sidebyside.Targets;
import io.howdah.bench.sidebyside.Targets.Definition;
import java.util.List;

/** All contestants of the benchmark of Spring's parts, by name; each is loaded when it is made. */
public final class SpringTargets {

  public static final Targets<Contestant, SpringBenchSettings> ALL =
      new Targets<>(
          List.of(
              redisSession("spring-redis-indexed", SpringRedisIndexedTarget::new),
              redisSession("spring-redis", server -> new SpringRedisTarget("spring-redis", server)),
              jdbcSession("spring-jdbc-relaxed", Durability.RELAXED),
              jdbcSession("spring-jdbc", Durability.DURABLE),
              howdahSession("spring-howdah", HowdahStyle.DEFAULT),
              howdahSession("spring-howdah-each", HowdahStyle.EACH),
              Targets.redis(
                  "cacheable-redis",
                  (servers, settings) ->
                      loaded(new RedisCacheTarget(servers.redis(Persistence.NONE)), settings)),
              howdahCache("cacheable-howdah", false),
              howdahCache("cacheable-howdah-near", true)));

  private SpringTargets() {}

  /** Makes what drives a store on Redis. */
  private interface OnRedis {
    SessionTarget on(RedisServer server);
  }

  private static Definition<Contestant, SpringBenchSettings> redisSession(
      String name, OnRedis target) {
    return Targets.redis(
        name, (servers, settings) -> loaded(target.on(servers.redis(Persistence.NONE)), settings));
  }

  private static Definition<Contestant, SpringBenchSettings> jdbcSession(
      String name, Durability durability) {
    return Targets.jdbc(
        name,
        (servers, settings) ->
            loaded(
                new SpringJdbcTarget(servers.postgres(), durability, settings.jdbcPool()),
                settings));
  }

  private static Definition<Contestant, SpringBenchSettings> howdahSession(
      String name, HowdahStyle style) {
    return Targets.howdah(
        name,
        (servers, settings) -> loaded(new SpringHowdahTarget(servers.postgres(), style), settings));
  }

  private static Definition<Contestant, SpringBenchSettings> howdahCache(
      String name, boolean near) {
    return Targets.howdah(
        name,
        (servers, settings) -> {
          PostgresServer server = servers.postgres();
          return loaded(new HowdahCacheTarget(server, settings.keys(), near), settings);
        });
  }

  private static Contestant loaded(SessionTarget target, SpringBenchSettings settings)
      throws Exception {
    SessionContestant contestant = new SessionContestant(target, settings.sessions());
    contestant.load(settings.sessionBytes());
    return contestant;
  }

  private static Contestant loaded(CacheableTarget target, SpringBenchSettings settings)
      throws Exception {
    CacheableContestant contestant =
        new CacheableContestant(target, settings.keys(), settings.valueBytes());
    contestant.load();
    return contestant;
  }
}
