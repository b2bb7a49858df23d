package io.howdah.bench.ratelimit;

import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.server.Servers;
import java.util.List;

/** All contestants of the rate limit benchmark, by name. */
public final class RateLimitTargets {

  /** Its lanes, a few for waking up and listening, and some to spare. */
  private static final int HOWDAH_CONNECTIONS = 12;

  private static final List<Definition> ALL =
      List.of(
          new Definition(
              "redis-lua",
              Needs.REDIS,
              (servers, settings) -> new LuaTarget(servers.redis(Persistence.NONE))),
          bucket4j("bucket4j-select", Bucket4jTarget.Mode.SELECT_FOR_UPDATE),
          bucket4j("bucket4j-advisory", Bucket4jTarget.Mode.ADVISORY_LOCK),
          howdah("howdah", HowdahTarget.Style.TOKEN_BUCKET),
          howdah("howdah-memory", HowdahTarget.Style.MEMORY),
          howdah("howdah-sliding", HowdahTarget.Style.SLIDING),
          howdah("howdah-fixed", HowdahTarget.Style.FIXED));

  private RateLimitTargets() {}

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

  static RateLimitTarget create(String name, Servers servers, RateLimitSettings settings)
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

  private static Definition bucket4j(String name, Bucket4jTarget.Mode mode) {
    return new Definition(
        name,
        Needs.JDBC,
        (servers, settings) -> new Bucket4jTarget(servers.postgres(), mode, settings.jdbcPool()));
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
    RateLimitTarget create(Servers servers, RateLimitSettings settings) throws Exception;
  }

  private record Definition(String name, Needs needs, Factory factory) {}
}
