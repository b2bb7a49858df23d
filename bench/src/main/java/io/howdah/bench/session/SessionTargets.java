package io.howdah.bench.session;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.sidebyside.Targets;
import io.howdah.bench.sidebyside.Targets.Definition;
import java.util.List;

/** All contestants of the session benchmark, by name. */
public final class SessionTargets {

  public static final Targets<SessionTarget, SessionBenchSettings> ALL =
      new Targets<>(
          List.of(
              redis("spring-redis", Persistence.NONE),
              redis("spring-redis-everysec", Persistence.EVERY_SECOND),
              jdbc("spring-jdbc-relaxed", Durability.RELAXED),
              jdbc("spring-jdbc", Durability.DURABLE),
              howdah("howdah", HowdahStyle.DEFAULT),
              howdah("howdah-each", HowdahStyle.EACH),
              howdah("howdah-durable", HowdahStyle.DURABLE)));

  private SessionTargets() {}

  private static Definition<SessionTarget, SessionBenchSettings> redis(
      String name, Persistence persistence) {
    return Targets.redis(
        name, (servers, settings) -> new SpringRedisTarget(name, servers.redis(persistence)));
  }

  private static Definition<SessionTarget, SessionBenchSettings> jdbc(
      String name, Durability durability) {
    return Targets.jdbc(
        name,
        (servers, settings) ->
            new SpringJdbcTarget(servers.postgres(), durability, settings.jdbcPool()));
  }

  private static Definition<SessionTarget, SessionBenchSettings> howdah(
      String name, HowdahStyle style) {
    return Targets.howdah(name, (servers, settings) -> new HowdahTarget(servers.postgres(), style));
  }
}
