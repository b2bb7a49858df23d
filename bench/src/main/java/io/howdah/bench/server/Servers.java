package io.howdah.bench.server;

import io.howdah.bench.server.RedisServer.Persistence;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The servers of one benchmark: each is started when the first contestant asks for it. */
public final class Servers {

  /** What the background text calls low, and what PgBouncer's own sample has. */
  private static final int POOLED_CONNECTIONS = 20;

  private static final int CLIENTS = 10_000;

  /** The shared buffers of a private Postgres where nobody says otherwise. */
  public static final int SHARED_BUFFERS_MIB = 256;

  private final WorkFolder folder;
  private final Map<Program, Path> programs;
  private final @Nullable String postgresUrl;
  private final int postgresConnections;
  private final int sharedBuffersMib;
  private final Map<Persistence, RedisServer> redis = new EnumMap<>(Persistence.class);
  private final Map<Way, SlowNetwork> networks = new HashMap<>();
  private @Nullable PostgresServer postgres;
  private @Nullable PgBouncerServer pgBouncer;

  /**
   * @param programs which there are, and where
   * @param postgresUrl null to start a private one
   * @param postgresConnections how many connections the contestants open at the same time
   * @param sharedBuffersMib of a private one
   */
  public Servers(
      WorkFolder folder,
      Map<Program, Path> programs,
      @Nullable String postgresUrl,
      int postgresConnections,
      int sharedBuffersMib) {
    this.folder = folder;
    this.programs = programs;
    this.postgresUrl = postgresUrl;
    this.postgresConnections = postgresConnections;
    this.sharedBuffersMib = sharedBuffersMib;
  }

  /** With the usual shared buffers. */
  public Servers(
      WorkFolder folder,
      Map<Program, Path> programs,
      @Nullable String postgresUrl,
      int postgresConnections) {
    this(folder, programs, postgresUrl, postgresConnections, SHARED_BUFFERS_MIB);
  }

  /**
   * The Redis that writes this much to disk.
   *
   * @throws IllegalStateException when there is no Redis
   */
  public RedisServer redis(Persistence persistence) throws IOException, InterruptedException {
    RedisServer server = redis.get(persistence);
    if (server == null) {
      server = RedisServer.start(program(Program.REDIS), persistence, folder);
      redis.put(persistence, server);
    }
    return server;
  }

  /** The Postgres. */
  public PostgresServer postgres() throws IOException, SQLException {
    if (postgres == null) {
      postgres =
          postgresUrl == null
              ? PostgresServer.startPrivate(folder, postgresConnections, sharedBuffersMib)
              : PostgresServer.at(postgresUrl, folder, postgresConnections);
    }
    return postgres;
  }

  /** The PgBouncer in front of it. */
  public PgBouncerServer pgBouncer() throws IOException, SQLException, InterruptedException {
    if (pgBouncer == null) {
      pgBouncer =
          PgBouncerServer.start(
              program(Program.PGBOUNCER), postgres(), POOLED_CONNECTIONS, CLIENTS, folder);
    }
    return pgBouncer;
  }

  /**
   * Where those are that run, for {@link #running}, in a line. It may hold passwords: never print
   * it, and do not make it an argument of a program.
   */
  public String whereabouts() {
    List<String> parts = new ArrayList<>();
    parts.add(postgres == null ? "" : postgres.jdbcUrl());
    RedisServer server = redis.get(Persistence.NONE);
    parts.add(server == null ? "" : Integer.toString(server.port()));
    if (pgBouncer != null) {
      parts.add(pgBouncer.jdbcUrl());
      parts.add(pgBouncer.version());
      parts.add(Integer.toString(pgBouncer.serverConnections()));
    }
    return String.join("\t", parts);
  }

  /** Those of another process, which clears them up. */
  public static Servers running(WorkFolder folder, String whereabouts) {
    String[] parts = whereabouts.split("\t", -1);
    Servers servers = new Servers(folder, Map.of(), null, 0);
    if (!parts[0].isEmpty()) {
      servers.postgres = PostgresServer.running(parts[0]);
    }
    if (!parts[1].isEmpty()) {
      servers.redis.put(
          Persistence.NONE, RedisServer.running(Persistence.NONE, Integer.parseInt(parts[1])));
    }
    if (parts.length > 2) {
      servers.pgBouncer = PgBouncerServer.running(parts[2], parts[3], Integer.parseInt(parts[4]));
    }
    return servers;
  }

  /** For contestants that are programs of their own. */
  public Path folder() {
    return folder.path();
  }

  /**
   * Where a program is.
   *
   * @throws IllegalStateException when it is not there
   */
  public Path program(Program program) {
    Path executable = programs.get(program);
    if (executable == null) {
      throw new IllegalStateException(program.command() + " was not found");
    }
    return executable;
  }

  /**
   * The port that leads to another one of this machine, as if that were further away.
   *
   * @param addedRoundTrip how much longer a question and its answer take; zero for the port itself
   */
  public int port(int port, Duration addedRoundTrip) throws IOException {
    if (addedRoundTrip.isZero()) {
      return port;
    }
    Way way = new Way(port, addedRoundTrip);
    SlowNetwork network = networks.get(way);
    if (network == null) {
      network = folder.add(SlowNetwork.to(port, addedRoundTrip));
      networks.put(way, network);
    }
    return network.port();
  }

  /**
   * A URL that leads to the Postgres, as if that were further away. It may hold a password.
   *
   * @throws IllegalStateException when it is to be further away and is not ours
   */
  public String postgresUrl(Duration addedRoundTrip) throws IOException, SQLException {
    PostgresServer server = postgres();
    if (addedRoundTrip.isZero()) {
      return server.jdbcUrl();
    }
    return server.jdbcUrlAt(port(server.port(), addedRoundTrip));
  }

  private record Way(int port, Duration addedRoundTrip) {}

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
    if (pgBouncer != null) {
      servers.put("pgbouncer", pgBouncer.settings());
    }
    if (!redis.isEmpty()) {
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put("server_version", Program.REDIS.version(program(Program.REDIS)));
      redis.keySet().forEach(each -> settings.put(each.id(), each.description()));
      servers.put("redis", settings);
    }
    return servers;
  }
}
