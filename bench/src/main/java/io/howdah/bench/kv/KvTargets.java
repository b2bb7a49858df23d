package io.howdah.bench.kv;

import static io.howdah.bench.measure.Durability.DURABLE;
import static io.howdah.bench.measure.Durability.EPHEMERAL;
import static io.howdah.bench.measure.Durability.RELAXED;
import static io.howdah.bench.sidebyside.Targets.howdah;
import static io.howdah.bench.sidebyside.Targets.redis;

import io.howdah.bench.kv.LettuceAsyncTarget.Style;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.Targets;
import io.howdah.bench.sidebyside.Targets.Definition;
import java.util.List;

/** All contestants of the key-value benchmark, by name. */
public final class KvTargets {

  public static final Targets<KvTarget, KvSettings> ALL =
      new Targets<>(
          List.of(
              redis(
                  "lettuce", (servers, settings) -> lettuce("lettuce", servers, Persistence.NONE)),
              redis(
                  "lettuce-tracking",
                  (servers, settings) -> LettuceTarget.tracking(servers.redis(Persistence.NONE))),
              redis("lettuce-async", (servers, settings) -> async(Style.SHARED, servers, settings)),
              redis(
                  "lettuce-pipelined",
                  (servers, settings) -> async(Style.BATCHED, servers, settings)),
              redis(
                  "jedis", (servers, settings) -> new JedisTarget(servers.redis(Persistence.NONE))),
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
              howdah(
                  "howdah-ephemeral-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), EPHEMERAL)),
              howdah("howdah-near", (s, x) -> HowdahTarget.near(s.postgres(), x.keys())),
              howdah("howdah-async", (s, x) -> new HowdahAsyncTarget(s.postgres(), x.window())),
              howdah("howdah-relaxed", (s, x) -> HowdahTarget.json(s.postgres(), RELAXED)),
              howdah("howdah-relaxed-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), RELAXED)),
              howdah("howdah-durable", (s, x) -> HowdahTarget.json(s.postgres(), DURABLE)),
              howdah("howdah-durable-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), DURABLE))));

  private KvTargets() {}

  private static Definition<KvTarget, KvSettings> jdbc(String name, Durability durability) {
    return Targets.jdbc(
        name,
        (servers, settings) -> new JdbcTarget(servers.postgres(), durability, settings.jdbcPool()));
  }

  private static KvTarget lettuce(String name, Servers servers, Persistence persistence)
      throws Exception {
    return LettuceTarget.plain(name, servers.redis(persistence));
  }

  private static KvTarget async(Style style, Servers servers, KvSettings settings)
      throws Exception {
    return new LettuceAsyncTarget(style, servers.redis(Persistence.NONE), settings.window());
  }
}
