package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.POSTGRES;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PgBouncerServer;
import io.howdah.bench.server.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Postgres as most programs call it: a plain table, a pool, one prepared statement a call. */
final class JdbcTarget implements BlockingTarget {

  private final Way way;
  private final PlainTable table;
  private final Durability durability;
  private final String getSql;
  private final String setSql;
  private final String incrementSql;
  private @Nullable HikariDataSource pool;

  /**
   * How it is called.
   *
   * @param profile who it is then
   * @param url of the server or of a pooler
   * @param maxConnections the size of the pool, when there are at least as many callers
   * @param mostCallers how many call at the same time, at most
   * @param prepares whether statements are prepared
   */
  private record Way(
      Profile profile, String url, int maxConnections, int mostCallers, boolean prepares) {}

  private JdbcTarget(Way way, PlainTable table) {
    this.way = way;
    this.table = table;
    durability = way.profile.durability();
    getSql = table.getSql("?");
    setSql = table.setSql("?", "?");
    incrementSql = table.incrementSql("?");
  }

  /**
   * With a pool.
   *
   * @param durability an unlogged table, a logged one without waiting for the disk, or a logged one
   */
  static JdbcTarget pooled(
      PostgresServer server,
      String url,
      Durability durability,
      int maxConnections,
      Variant variant) {
    PlainTable table = new PlainTable(server, durability, variant);
    String driving =
        "Postgres, %s; a prepared statement per call (prepareThreshold 1), HikariCP with as"
            + " many connections as threads but at most %d"
            + (maxConnections == KvSettings.DEFAULT_JDBC_POOL
                ? ", the best of 8, 10, 16 and 32 for 64 threads on two cores"
                : "")
            + variant.driving();
    Profile profile =
        new Profile(
            switch (durability) {
              case EPHEMERAL -> "jdbc";
              case RELAXED -> "jdbc-relaxed";
              case DURABLE -> "jdbc-logged";
            },
            switch (durability) {
              case EPHEMERAL -> "Postgres unlogged, JDBC";
              case RELAXED -> "Postgres logged, async commit, JDBC";
              case DURABLE -> "Postgres logged, JDBC";
            },
            driving.formatted(table.description(), maxConnections),
            POSTGRES,
            durability);
    return new JdbcTarget(new Way(profile, url, maxConnections, Integer.MAX_VALUE, true), table);
  }

  /** One caller on one connection, whatever the number of threads. */
  static JdbcTarget alone(PostgresServer server, String url, Variant variant) {
    PlainTable table = new PlainTable(server, Durability.DURABLE, variant);
    Profile profile =
        new Profile(
            "jdbc-one",
            "Postgres logged, one connection",
            "Postgres, %s; a prepared statement per call, one caller on one connection"
                .formatted(table.description()),
            POSTGRES,
            Durability.DURABLE);
    return new JdbcTarget(new Way(profile, url, 1, 1, true), table);
  }

  /** Through PgBouncer, to which each caller has a connection. */
  static JdbcTarget throughPgBouncer(
      PostgresServer server, PgBouncerServer pooler, Variant variant) {
    PlainTable table = new PlainTable(server, Durability.EPHEMERAL, variant);
    Profile profile =
        new Profile(
            "jdbc-pgbouncer",
            "Postgres unlogged, PgBouncer",
            "Postgres, %s; each thread has a connection to PgBouncer, in transaction mode with %d connections to Postgres; a statement per call, %s"
                .formatted(
                    table.description(),
                    pooler.serverConnections(),
                    pooler.prepares() ? "prepared" : "not prepared (prepareThreshold 0)"),
            POSTGRES,
            Durability.EPHEMERAL);
    return new JdbcTarget(
        new Way(profile, pooler.jdbcUrl(), Integer.MAX_VALUE, Integer.MAX_VALUE, pooler.prepares()),
        table);
  }

  @Override
  public Profile profile() {
    return way.profile;
  }

  @Override
  public int callers(int threads) {
    return Math.min(threads, way.mostCallers);
  }

  @Override
  public void open(int threads) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(way.url);
    config.setMaximumPoolSize(Math.min(threads, way.maxConnections));
    config.setPoolName(profile().name());
    // With 1 a statement is prepared on the server at its first use: nothing is planned twice.
    config.addDataSourceProperty("prepareThreshold", way.prepares ? "1" : "0");
    config.setConnectionTimeout(Duration.ofSeconds(60).toMillis());
    if (durability == Durability.RELAXED) {
      config.setConnectionInitSql("SET synchronous_commit = off");
    }
    pool = new HikariDataSource(config);
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) throws SQLException {
    table.load(dataset, watch);
  }

  @Override
  public @Nullable String get(String key) throws SQLException {
    try (Connection connection = connection();
        PreparedStatement statement = connection.prepareStatement(getSql)) {
      statement.setString(1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  @Override
  public void set(String key, String value) throws SQLException {
    try (Connection connection = connection();
        PreparedStatement statement = connection.prepareStatement(setSql)) {
      statement.setString(1, key);
      statement.setString(2, value);
      statement.executeUpdate();
    }
  }

  @Override
  public long increment(String key) throws SQLException {
    try (Connection connection = connection();
        PreparedStatement statement = connection.prepareStatement(incrementSql)) {
      statement.setString(1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  private Connection connection() throws SQLException {
    if (pool == null) {
      throw new IllegalStateException("not open");
    }
    return pool.getConnection();
  }

  @Override
  public void settle() throws SQLException {
    table.settle();
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.close();
      pool = null;
    }
  }
}
