package io.howdah.bench.kv;

import static io.howdah.bench.measure.Durability.DURABLE;
import static io.howdah.bench.measure.Durability.EPHEMERAL;
import static io.howdah.bench.measure.Durability.RELAXED;

import io.howdah.bench.kv.LettuceAsyncTarget.Style;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.server.Servers;
import java.util.List;

/** All contestants of the key-value benchmark, by name. */
public final class KvTargets {

  /** Its lanes, a few for waking up and listening, and some to spare. */
  private static final int HOWDAH_CONNECTIONS = 12;

  private static final List<Definition> ALL =
      List.of(
          redis("lettuce", (servers, settings) -> lettuce("lettuce", servers, Persistence.NONE)),
          redis("lettuce-async", (servers, settings) -> async(Style.SHARED, servers, settings)),
          redis(
              "lettuce-pipelined", (servers, settings) -> async(Style.BATCHED, servers, settings)),
          redis("jedis", (servers, settings) -> new JedisTarget(servers.redis(Persistence.NONE))),
          redis(
              "lettuce-everysec",
              (servers, settings) ->
                  lettuce("lettuce-everysec", servers, Persistence.EVERY_SECOND)),
          redis(
              "lettuce-fsync",
              (servers, settings) -> lettuce("lettuce-fsync", servers, Persistence.ALWAYS)),
          jdbc("jdbc", Durability.EPHEMERAL),
          jdbc("jdbc-relaxed", Durability.RELAXED),
          jdbc("jdbc-logged", Durability.DURABLE),
          howdah("howdah-ephemeral", (s, x) -> HowdahTarget.json(s.postgres(), EPHEMERAL)),
          howdah("howdah-ephemeral-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), EPHEMERAL)),
          howdah("howdah-async", (s, x) -> new HowdahAsyncTarget(s.postgres(), x.window())),
          howdah("howdah-relaxed", (s, x) -> HowdahTarget.json(s.postgres(), RELAXED)),
          howdah("howdah-relaxed-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), RELAXED)),
          howdah("howdah-durable", (s, x) -> HowdahTarget.json(s.postgres(), DURABLE)),
          howdah("howdah-durable-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), DURABLE)));

  private KvTargets() {}

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

  static KvTarget create(String name, Servers servers, KvSettings settings) throws Exception {
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

  private static Definition redis(String name, Factory factory) {
    return new Definition(name, Needs.REDIS, factory);
  }

  private static Definition jdbc(String name, Durability durability) {
    return new Definition(
        name,
        Needs.JDBC,
        (servers, settings) -> new JdbcTarget(servers.postgres(), durability, settings.jdbcPool()));
  }

  private static Definition howdah(String name, Factory factory) {
    return new Definition(name, Needs.HOWDAH, factory);
  }

  private static KvTarget lettuce(String name, Servers servers, Persistence persistence)
      throws Exception {
    return new LettuceTarget(name, servers.redis(persistence));
  }

  private static KvTarget async(Style style, Servers servers, KvSettings settings)
      throws Exception {
    return new LettuceAsyncTarget(style, servers.redis(Persistence.NONE), settings.window());
  }

  /** What a contestant takes of the machine, besides its own threads. */
  private enum Needs {
    REDIS,
    JDBC,
    HOWDAH
  }

  private interface Factory {
    KvTarget create(Servers servers, KvSettings settings) throws Exception;
  }

  private record Definition(String name, Needs needs, Factory factory) {}
}
