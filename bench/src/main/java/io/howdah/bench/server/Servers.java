package io.howdah.bench.server;

import io.howdah.bench.server.RedisServer.Persistence;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The servers of one benchmark: each is started when the first contestant asks for it. */
public final class Servers {

  private final WorkFolder folder;
  private final @Nullable Path redisExecutable;
  private final @Nullable String postgresUrl;
  private final int postgresConnections;
  private final Map<Persistence, RedisServer> redis = new EnumMap<>(Persistence.class);
  private @Nullable PostgresServer postgres;

  /**
   * @param redisExecutable null when there is no Redis
   * @param postgresUrl null to start a private one
   * @param postgresConnections how many connections the contestants open at the same time
   */
  public Servers(
      WorkFolder folder,
      @Nullable Path redisExecutable,
      @Nullable String postgresUrl,
      int postgresConnections) {
    this.folder = folder;
    this.redisExecutable = redisExecutable;
    this.postgresUrl = postgresUrl;
    this.postgresConnections = postgresConnections;
  }

  /**
   * The Redis that writes this much to disk.
   *
   * @throws IllegalStateException when there is no Redis
   */
  public RedisServer redis(Persistence persistence) throws IOException, InterruptedException {
    RedisServer server = redis.get(persistence);
    if (server == null) {
      if (redisExecutable == null) {
        throw new IllegalStateException("redis-server was not found");
      }
      server = RedisServer.start(redisExecutable, persistence, folder);
      redis.put(persistence, server);
    }
    return server;
  }

  /** The Postgres. */
  public PostgresServer postgres() throws IOException, SQLException {
    if (postgres == null) {
      postgres =
          postgresUrl == null
              ? PostgresServer.startPrivate(folder, postgresConnections)
              : PostgresServer.at(postgresUrl, folder, postgresConnections);
    }
    return postgres;
  }

  /** Puts the servers that run into the same state before every case. */
  public void settle() throws SQLException {
    if (postgres != null) {
      postgres.settle();
    }
  }

  /** The versions and settings of the servers that run, by server. */
  public Map<String, Map<String, String>> describe() throws IOException, SQLException {
    Map<String, Map<String, String>> servers = new LinkedHashMap<>();
    if (postgres != null) {
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put("started", postgres.isPrivate() ? "for the benchmark" : "by the user");
      settings.putAll(postgres.settings());
      servers.put("postgres", settings);
    }
    if (redisExecutable != null && !redis.isEmpty()) {
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put("server_version", RedisServer.version(redisExecutable));
      redis.keySet().forEach(each -> settings.put(each.id(), each.description()));
      servers.put("redis", settings);
    }
    return servers;
  }
}
