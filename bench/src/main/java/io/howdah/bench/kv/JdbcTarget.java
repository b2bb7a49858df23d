package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.POSTGRES;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Postgres as most programs call it: a plain table, a pool, one prepared statement a call. */
final class JdbcTarget implements BlockingTarget {

  private static final String NAMESPACE = "bench";
  private static final int ROWS_PER_STATEMENT = 5_000;

  private final PostgresServer server;
  private final Durability durability;
  private final int maxConnections;
  private final String table;
  private final String getSql;
  private final String setSql;
  private @Nullable HikariDataSource pool;

  /**
   * @param durability an unlogged table, a logged one without waiting for the disk, or a logged one
   * @param maxConnections the size of the pool, when there are at least as many threads
   */
  JdbcTarget(PostgresServer server, Durability durability, int maxConnections) {
    this.server = server;
    this.durability = durability;
    this.maxConnections = maxConnections;
    table =
        PostgresServer.SCHEMA
            + switch (durability) {
              case EPHEMERAL -> ".kv_unlogged";
              case RELAXED -> ".kv_logged_relaxed";
              case DURABLE -> ".kv_logged";
            };
    getSql =
        """
        SELECT value FROM %s
        WHERE namespace = ? AND key = ? AND (expires_at IS NULL OR expires_at > now())\
        """
            .formatted(table);
    setSql =
        """
        INSERT INTO %s (namespace, key, value, expires_at) VALUES (?, ?, ?::jsonb, NULL)
        ON CONFLICT (namespace, key)
        DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at\
        """
            .formatted(table);
  }

  @Override
  public Profile profile() {
    String driving =
        "Postgres, a plain %s; a prepared statement per call (prepareThreshold 1), HikariCP with as"
            + " many connections as threads but at most %d"
            + (maxConnections == KvSettings.DEFAULT_JDBC_POOL
                ? ", the best of 8, 10, 16 and 32 for 64 threads on two cores"
                : "");
    return switch (durability) {
      case EPHEMERAL ->
          new Profile(
              "jdbc",
              "Postgres unlogged, JDBC",
              driving.formatted("unlogged table", maxConnections),
              POSTGRES,
              durability);
      case RELAXED ->
          new Profile(
              "jdbc-relaxed",
              "Postgres logged, async commit, JDBC",
              driving.formatted("logged table, synchronous_commit off", maxConnections),
              POSTGRES,
              durability);
      case DURABLE ->
          new Profile(
              "jdbc-logged",
              "Postgres logged, JDBC",
              driving.formatted("logged table, synchronous_commit on", maxConnections),
              POSTGRES,
              durability);
    };
  }

  @Override
  public void open(int threads) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(server.jdbcUrl());
    config.setMaximumPoolSize(Math.min(threads, maxConnections));
    config.setPoolName(profile().name());
    // A statement is prepared on the server at its first use: nothing is planned twice.
    config.addDataSourceProperty("prepareThreshold", "1");
    if (durability == Durability.RELAXED) {
      config.setConnectionInitSql("SET synchronous_commit = off");
    }
    pool = new HikariDataSource(config);
  }

  @Override
  public void load(Dataset dataset) throws SQLException {
    try (Connection connection = connection()) {
      createTable(connection);
      String sql =
          """
          INSERT INTO %s (namespace, key, value)
          SELECT ?, k, v::jsonb FROM unnest(?, ?) AS t (k, v)\
          """
              .formatted(table);
      for (Dataset.Range range : dataset.ranges(ROWS_PER_STATEMENT)) {
        String[] keys = new String[range.to() - range.from()];
        String[] values = new String[keys.length];
        for (int i = 0; i < keys.length; i++) {
          keys[i] = dataset.key(range.from() + i);
          values[i] = dataset.value(range.from() + i, 0);
        }
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
          insert.setString(1, NAMESPACE);
          insert.setArray(2, connection.createArrayOf("text", keys));
          insert.setArray(3, connection.createArrayOf("text", values));
          insert.executeUpdate();
        }
      }
    }
  }

  private void createTable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + table);
      statement.execute(
          """
          CREATE %s TABLE %s (
            namespace text NOT NULL,
            key text NOT NULL,
            value jsonb NOT NULL,
            expires_at timestamptz,
            PRIMARY KEY (namespace, key)
          )\
          """
              .formatted(durability == Durability.EPHEMERAL ? "UNLOGGED" : "", table));
    }
  }

  @Override
  public @Nullable String get(String key) throws SQLException {
    try (Connection connection = connection();
        PreparedStatement statement = connection.prepareStatement(getSql)) {
      statement.setString(1, NAMESPACE);
      statement.setString(2, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  @Override
  public void set(String key, String value) throws SQLException {
    try (Connection connection = connection();
        PreparedStatement statement = connection.prepareStatement(setSql)) {
      statement.setString(1, NAMESPACE);
      statement.setString(2, key);
      statement.setString(3, value);
      statement.executeUpdate();
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
    server.vacuum(table);
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.close();
      pool = null;
    }
  }
}
