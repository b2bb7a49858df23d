package io.howdah.bench.session;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.server.Servers;
import java.util.List;

/** All contestants of the session benchmark, by name. */
public final class SessionTargets {

  /** Its lanes, a few for waking up and listening, and some to spare. */
  private static final int HOWDAH_CONNECTIONS = 12;

  private static final List<Definition> ALL =
      List.of(
          redis("spring-redis", Persistence.NONE),
          redis("spring-redis-everysec", Persistence.EVERY_SECOND),
          jdbc("spring-jdbc-relaxed", Durability.RELAXED),
          jdbc("spring-jdbc", Durability.DURABLE),
          howdah("howdah", HowdahTarget.Style.DEFAULT),
          howdah("howdah-each", HowdahTarget.Style.EACH),
          howdah("howdah-durable", HowdahTarget.Style.DURABLE));

  private SessionTargets() {}

  /** The names of all contestants. */
  public static List<String> names() {
    return ALL.stream().map(Definition::name).toList();
  }

  /** The names of all contestants that can be run without Redis. */
  public static List<String> namesWithoutRedis() {
    return ALL.stream().filter(each -> each.needs != Needs.REDIS).map(Definition::name).toList();
  }

  /** Whether this contestant needs {@code redis-server}. */
  public static boolean needsRedis(String name) {
    return definition(name).needs == Needs.REDIS;
  }

  static int postgresConnections(String name, int jdbcPool) {
    return switch (definition(name).needs) {
      case REDIS -> 0;
      case JDBC -> jdbcPool;
      case HOWDAH -> HOWDAH_CONNECTIONS;
    };
  }

  static SessionTarget create(String name, Servers servers, SessionBenchSettings settings)
      throws Exception {
    return definition(name).factory.create(servers, settings);
  }

  private static Definition definition(String name) {
    return ALL.stream()
        .filter(each -> each.name.equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'" + name + "' is no contestant; there are " + String.join(", ", names())));
  }

  private static Definition redis(String name, Persistence persistence) {
    return new Definition(
        name,
        Needs.REDIS,
        (servers, settings) -> new SpringRedisTarget(name, servers.redis(persistence)));
  }

  private static Definition jdbc(String name, Durability durability) {
    return new Definition(
        name,
        Needs.JDBC,
        (servers, settings) ->
            new SpringJdbcTarget(servers.postgres(), durability, settings.jdbcPool()));
  }

  private static Definition howdah(String name, HowdahTarget.Style style) {
    return new Definition(
        name, Needs.HOWDAH, (servers, settings) -> new HowdahTarget(servers.postgres(), style));
  }

  /** What a contestant takes of the machine, besides its own threads. */
  private enum Needs {
    REDIS,
    JDBC,
    HOWDAH
  }

  private interface Factory {
    SessionTarget create(Servers servers, SessionBenchSettings settings) throws Exception;
  }

  private record Definition(String name, Needs needs, Factory factory) {}
}
