package io.howdah.bench.kv;

import static io.howdah.bench.measure.Durability.DURABLE;
import static io.howdah.bench.measure.Durability.EPHEMERAL;
import static io.howdah.bench.measure.Durability.RELAXED;
import static io.howdah.bench.sidebyside.Targets.howdah;
import static io.howdah.bench.sidebyside.Targets.redis;

import io.howdah.bench.kv.LettuceAsyncTarget.Style;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.Program;
import io.howdah.bench.server.RedisServer;
import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.Targets;
import io.howdah.bench.sidebyside.Targets.Definition;
import java.util.List;

/** All contestants of the key-value benchmark, by name. */
public final class KvTargets {

  /** What plays in {@code bench kv} when none are named. */
  public static final List<String> KV =
      List.of(
          "lettuce",
          "lettuce-tracking",
          "lettuce-async",
          "lettuce-pipelined",
          "jedis",
          "lettuce-everysec",
          "lettuce-fsync",
          "jdbc",
          "jdbc-relaxed",
          "jdbc-logged",
          "howdah-ephemeral",
          "howdah-ephemeral-bytes",
          "howdah-near",
          "howdah-async",
          "howdah-relaxed",
          "howdah-relaxed-bytes",
          "howdah-durable",
          "howdah-durable-bytes");

  /** What plays in {@code bench reality} when none are named, in the order of its report. */
  public static final List<String> REALITY =
      List.of(
          "lettuce",
          "lettuce-pipelined",
          "jdbc-one",
          "jdbc-logged",
          "jdbc-relaxed",
          "jdbc",
          "jdbc-pgbouncer",
          "pgbench-logged",
          "pgbench-relaxed",
          "pgbench",
          "pgbench-pgbouncer",
          "howdah-durable",
          "howdah-relaxed",
          "howdah-ephemeral",
          "howdah-pgbouncer");

  public static final Targets<KvTarget, KvSettings> ALL =
      new Targets<>(
          List.of(
              lettuce("lettuce", Persistence.NONE),
              redis(
                  "lettuce-tracking", (s, x) -> LettuceTarget.tracking(s.redis(Persistence.NONE))),
              redis("lettuce-async", (s, x) -> async(Style.SHARED, s, x)),
              redis("lettuce-pipelined", (s, x) -> async(Style.BATCHED, s, x)),
              redis("jedis", (s, x) -> new JedisTarget(s.redis(Persistence.NONE))),
              lettuce("lettuce-everysec", Persistence.EVERY_SECOND),
              lettuce("lettuce-fsync", Persistence.ALWAYS),
              Targets.jdbc(
                  "jdbc-one", (s, x) -> JdbcTarget.alone(s.postgres(), url(s, x), x.variant())),
              jdbc("jdbc", EPHEMERAL),
              jdbc("jdbc-relaxed", RELAXED),
              jdbc("jdbc-logged", DURABLE),
              Targets.<KvTarget, KvSettings>jdbc(
                      "jdbc-pgbouncer",
                      (s, x) ->
                          JdbcTarget.throughPgBouncer(s.postgres(), s.pgBouncer(), x.variant()))
                  .with(Program.PGBOUNCER),
              pgbench("pgbench", (s, x) -> PgbenchTarget.direct(s, EPHEMERAL, x.jdbcPool())),
              pgbench("pgbench-relaxed", (s, x) -> PgbenchTarget.direct(s, RELAXED, x.jdbcPool())),
              pgbench("pgbench-logged", (s, x) -> PgbenchTarget.direct(s, DURABLE, x.jdbcPool())),
              pgbench("pgbench-pgbouncer", (s, x) -> PgbenchTarget.throughPgBouncer(s))
                  .with(Program.PGBOUNCER),
              json("howdah-ephemeral", EPHEMERAL),
              howdah(
                  "howdah-ephemeral-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), EPHEMERAL)),
              howdah("howdah-near", (s, x) -> HowdahTarget.near(s.postgres(), x.keys())),
              howdah("howdah-async", (s, x) -> new HowdahAsyncTarget(s.postgres(), x.window())),
              json("howdah-relaxed", RELAXED),
              howdah("howdah-relaxed-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), RELAXED)),
              json("howdah-durable", DURABLE),
              howdah("howdah-durable-bytes", (s, x) -> HowdahTarget.bytes(s.postgres(), DURABLE)),
              Targets.<KvTarget, KvSettings>howdah(
                      "howdah-pgbouncer",
                      (s, x) ->
                          HowdahTarget.throughPgBouncer(s.postgres(), s.pgBouncer(), x.variant()))
                  .with(Program.PGBOUNCER)));

  private KvTargets() {}

  private static Definition<KvTarget, KvSettings> jdbc(String name, Durability durability) {
    return Targets.jdbc(
        name,
        (servers, settings) ->
            JdbcTarget.pooled(
                servers.postgres(),
                url(servers, settings),
                durability,
                settings.jdbcPool(),
                settings.variant()));
  }

  private static Definition<KvTarget, KvSettings> pgbench(
      String name, Targets.Factory<KvTarget, KvSettings> factory) {
    return Targets.jdbc(name, factory).with(Program.PGBENCH);
  }

  private static Definition<KvTarget, KvSettings> json(String name, Durability durability) {
    return howdah(
        name,
        (servers, settings) ->
            HowdahTarget.json(
                servers.postgres(), url(servers, settings), durability, settings.variant()));
  }

  private static Definition<KvTarget, KvSettings> lettuce(String name, Persistence persistence) {
    return redis(
        name,
        (servers, settings) -> {
          RedisServer server = servers.redis(persistence);
          Variant variant = settings.variant();
          return LettuceTarget.plain(
              name, server, servers.port(server.port(), variant.addedRoundTrip()), variant);
        });
  }

  private static KvTarget async(Style style, Servers servers, KvSettings settings)
      throws Exception {
    return new LettuceAsyncTarget(style, servers.redis(Persistence.NONE), settings.window());
  }

  /** The way to Postgres. */
  private static String url(Servers servers, KvSettings settings) throws Exception {
    return servers.postgresUrl(settings.variant().addedRoundTrip());
  }
}
