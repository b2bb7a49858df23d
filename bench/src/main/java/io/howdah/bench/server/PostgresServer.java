package io.howdah.bench.server;

import io.howdah.bench.measure.Durability;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The Postgres that is measured: one of our own, or one that the user names. */
public final class PostgresServer implements AutoCloseable {

  /** The schema for plain tables; it is created at the start and dropped at the end. */
  public static final String SCHEMA = "howdah_bench";

  /**
   * The schema for Howdah itself, which creates it; it is dropped at the start and at the end, as
   * all whose names begin so.
   */
  public static final String HOWDAH_SCHEMA = "howdah_bench_engine";

  private static final List<String> REPORTED_SETTINGS =
      List.of(
          "server_version",
          "shared_buffers",
          "huge_pages_status",
          "max_connections",
          "fsync",
          "synchronous_commit",
          "full_page_writes",
          "wal_level",
          "max_wal_size",
          "autovacuum",
          "autovacuum_naptime",
          "checkpoint_timeout",
          "lc_collate");

  private final String jdbcUrl;
  private final @Nullable Path dataDirectory;
  private final AutoCloseable process;

  /**
   * @param dataDirectory null for one that is not ours
   */
  private PostgresServer(String jdbcUrl, @Nullable Path dataDirectory, AutoCloseable process) {
    this.jdbcUrl = jdbcUrl;
    this.dataDirectory = dataDirectory;
    this.process = process;
  }

  /**
   * Starts one with its default settings, but for more connections and other shared buffers.
   *
   * @param connections how many connections the benchmark may open at the same time
   */
  static PostgresServer startPrivate(WorkFolder folder, int connections, int sharedBuffersMib)
      throws IOException, SQLException {
    Path dataDirectory = folder.path().resolve("postgres");
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setDataDirectory(dataDirectory)
            .setRegisterShutdownHook(false)
            .setPGStartupWait(Duration.ofSeconds(30))
            .setOutputRedirector(Redirect.DISCARD)
            .setErrorRedirector(Redirect.DISCARD)
            .setLocaleConfig("locale", "C")
            .setServerConfig("max_connections", Integer.toString(connections))
            .setServerConfig("shared_buffers", sharedBuffersMib + "MB")
            // Made for tests, it starts without fsync and with asynchronous commits. Measuring that
            // would compare a database that may lose its data with one that may not.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .start();
    String url = "jdbc:postgresql://127.0.0.1:" + postgres.getPort() + "/postgres?user=postgres";
    return folder.add(new PostgresServer(url, dataDirectory, postgres)).createSchema();
  }

  /**
   * Uses one that runs already.
   *
   * @throws IllegalStateException when it does not allow that many connections
   */
  public static PostgresServer at(String jdbcUrl, WorkFolder folder, int connections)
      throws SQLException {
    PostgresServer server = new PostgresServer(jdbcUrl, null, () -> {});
    String allowed = server.settings().get("max_connections");
    if (allowed != null && Integer.parseInt(allowed) < connections) {
      throw new IllegalStateException(
          "max_connections of the database must be at least "
              + connections
              + " for these contestants, was "
              + allowed
              + "; raise it, lower --jdbc-pool or name fewer --targets");
    }
    return folder.add(server).createSchema();
  }

  /** One that another process has prepared, and that it clears up. */
  static PostgresServer running(String jdbcUrl) {
    return new PostgresServer(jdbcUrl, null, () -> {});
  }

  private PostgresServer createSchema() throws SQLException {
    dropSchemas();
    execute("CREATE SCHEMA " + SCHEMA);
    return this;
  }

  /** Where it is. It may hold a password: never print it. */
  public String jdbcUrl() {
    return jdbcUrl;
  }

  /**
   * Where it is when another port leads to it.
   *
   * @throws IllegalStateException when it is not ours, and so may be on another machine
   */
  String jdbcUrlAt(int port) {
    if (!isPrivate()) {
      throw new IllegalStateException(
          "latency can be added to a private Postgres only: leave --database-url out");
    }
    return jdbcUrl.replace(":" + port() + "/", ":" + port + "/");
  }

  int port() {
    PGSimpleDataSource url = new PGSimpleDataSource();
    url.setUrl(jdbcUrl);
    return url.getPortNumbers()[0];
  }

  /** Whether it was started by us. */
  public boolean isPrivate() {
    return dataDirectory != null;
  }

  /** Its processor time; empty for one that is not ours, and where there is no Linux to ask. */
  public Optional<ServerCpu> cpu() {
    return dataDirectory == null ? Optional.empty() : ServerCpu.of(dataDirectory);
  }

  /** Its version and the settings that matter, as the server states them. */
  public Map<String, String> settings() throws SQLException {
    Map<String, String> settings = new LinkedHashMap<>();
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement("SELECT current_setting(?, true)")) {
      for (String name : REPORTED_SETTINGS) {
        // Not every version has every setting: lc_collate is one of the database since 16.
        statement.setString(1, name);
        try (ResultSet row = statement.executeQuery()) {
          if (row.next() && row.getString(1) != null) {
            settings.put(name, row.getString(1));
          }
        }
      }
    }
    return settings;
  }

  /**
   * Brings the tables of the benchmark into the same state before every case: dead rows that one
   * workload left behind must not slow the next one down. Our own server also writes a checkpoint,
   * so that none that is due anyway falls into somebody's round.
   */
  public void settle() throws SQLException {
    List<String> commands = new ArrayList<>();
    String sql =
        """
        SELECT format('VACUUM (ANALYZE) %I.%I', n.nspname, c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname LIKE 'howdah\\_bench%'\
        """;
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        commands.add(rows.getString(1));
      }
    }
    if (isPrivate()) {
      commands.add("CHECKPOINT");
    }
    execute(commands.toArray(String[]::new));
  }

  /** Writes a checkpoint, after which each page is written to the log as a whole, once. */
  public void checkpoint() throws SQLException {
    execute("CHECKPOINT");
  }

  /** The table in which Howdah keeps values of this durability. */
  public static String tableName(Durability level) {
    return level == Durability.EPHEMERAL ? "kv_ephemeral" : "kv_durable";
  }

  /** The same with its schema. */
  public static String table(Durability level) {
    return HOWDAH_SCHEMA + "." + tableName(level);
  }

  /** How many bytes it has written to its log since it was made. */
  public long walBytes() throws SQLException {
    return number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
  }

  /** What a table takes on disk, with its index and what is stored aside. */
  public long totalBytes(String table) throws SQLException {
    return number("SELECT pg_total_relation_size(?::regclass)", table);
  }

  /** The first column of the first row. */
  public long number(String sql, String... arguments) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setString(i + 1, arguments[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new SQLException("no row: " + sql);
        }
        return row.getLong(1);
      }
    }
  }

  /**
   * Does to one table at once what autovacuum would do later, in somebody else's round. No
   * checkpoint: after one, each page that is written goes to the log as a whole, and a checkpoint
   * before each round would make every durable write look more expensive than it is.
   */
  public void vacuum(String table) throws SQLException {
    execute("VACUUM (ANALYZE) " + table);
  }

  private void dropSchemas() throws SQLException {
    execute("DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE");
    List<String> commands = new ArrayList<>();
    String sql =
        """
        SELECT format('DROP SCHEMA %I CASCADE', n.nspname) FROM pg_namespace n
        WHERE starts_with(n.nspname, '%s')\
        """
            .replace("%s", HOWDAH_SCHEMA);
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        commands.add(rows.getString(1));
      }
    }
    execute(commands.toArray(String[]::new));
  }

  /** Executes commands, each in a transaction of its own. */
  public void execute(String... commands) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String command : commands) {
        statement.execute(command);
      }
    }
  }

  /** A connection of its own. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl);
  }

  @Override
  public void close() throws Exception {
    if (!isPrivate()) {
      dropSchemas();
    }
    process.close();
  }
}
