package io.howdah.schema;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.postgresql.PGConnection;

/**
 * Brings the schema of a database to the version of this library: table scripts that have not run,
 * once each, and then all functions anew. One transaction, under an advisory lock: many processes
 * may start at once, and an interrupted migration has not happened.
 *
 * <p>A library runs on its own schema version and on the next one, so that an application can be
 * rolled back without its schema.
 */
public final class Migrator {
  /** The version of the schema that this library makes: that of its newest table script. */
  public static final int VERSION = 5;

  /**
   * The set of functions that this library makes, as functions.txt has it: the start of an
   * application is too short a time to read them all.
   *
   * @param number raised with the first change of a function script after a release, so that of two
   *     libraries of one schema version the older one leaves the functions of the newer one alone
   * @param digest what changes when a function script changes
   */
  record FunctionSet(int number, String digest) {}

  static final FunctionSet FUNCTIONS = functionSet();

  /** By version: what each adds to the one before it. */
  private static final List<List<String>> TABLE_SCRIPTS =
      List.of(
          List.of("V001__kv.sql"),
          List.of("V002__upkeep.sql"),
          List.of("V003__limit_lock.sql"),
          List.of(
              "V004__session.sql",
              "V004__notify.sql",
              "V004__cache.sql",
              "V004__flag.sql",
              "V004__channel.sql",
              "V004__preference.sql",
              "V004__config.sql",
              "V004__job.sql"),
          List.of("V005__keys.sql"));

  /** In the order in which they are created. */
  private static final List<String> FUNCTION_SCRIPTS =
      List.of(
          "namespace.sql",
          "notify.sql",
          "kv_table.sql",
          "kv_rules.sql",
          "kv_read.sql",
          "kv_write.sql",
          "kv_batch.sql",
          "kv_quick.sql",
          "source.sql",
          "channel.sql",
          "channel_source.sql",
          "secret.sql",
          "session_table.sql",
          "session.sql",
          "token.sql",
          "cache.sql",
          "cache_source.sql",
          "sweep_kv.sql",
          "cache_sweep.sql",
          "sweep_plain.sql",
          "sweep.sql",
          "ratelimit.sql",
          "lock.sql",
          "flag.sql",
          "preference.sql",
          "preference_hstore.sql",
          "config.sql",
          "job.sql",
          "wipe.sql",
          "stats.sql",
          "roles.sql");

  private static final List<String> KV_TABLES =
      List.of("kv_ephemeral", "kv_durable", "kv_document");

  /** Those of them that are made once for each of several tables. */
  private static final Map<String, List<String>> TEMPLATES =
      Map.of(
          "kv_table.sql", KV_TABLES,
          "kv_quick.sql", KV_TABLES,
          "sweep_kv.sql", KV_TABLES,
          "session_table.sql", List.of("session_durable", "session_ephemeral"),
          "sweep_plain.sql",
              List.of(
                  "kv_mark",
                  "rate_limit",
                  "lock",
                  "session_event",
                  "token",
                  "cache_load",
                  "channel_large",
                  "job_ended"));

  private static final int OLDEST_POSTGRES = 150_000;

  /** For how long Postgres is waited for in a migration, where that has a limit. */
  private static final int MOST_MILLIS = 600_000;

  /** Above it, a process that has waited for another one's migration would not see it. */
  private static final String ISOLATION = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

  private static final Pattern SCHEMA_NAME = Pattern.compile("[a-z_][a-z0-9_]{0,47}");
  private static final Pattern FUNCTION =
      Pattern.compile(
          "CREATE OR REPLACE FUNCTION \\w+\\.(\\w+)(\\(.*?)\\bLANGUAGE\\b", Pattern.DOTALL);

  private final DataSource dataSource;
  private final String schema;

  /**
   * Works on one schema of one database.
   *
   * @throws InvalidArgumentException when the name is not one that {@link #checkName} takes
   */
  public Migrator(DataSource dataSource, String schema) {
    this.dataSource = dataSource;
    this.schema = checkName(schema);
  }

  /**
   * The name of a schema, if it may be one. It stands in SQL text, so nothing but letters, digits
   * and _ may; the words that SQL reserves are refused when there is a database to ask.
   *
   * @throws InvalidArgumentException when the name is not 1 to 48 of a-z, 0-9 and _, beginning with
   *     no digit; or that of a schema which is not Howdah's alone
   */
  public static String checkName(String schema) {
    if (!SCHEMA_NAME.matcher(schema).matches() || schema.startsWith("pg_")) {
      throw new InvalidArgumentException(
          "schema",
          "schema: 1 to 48 of a-z, 0-9 and _, not beginning with a digit or pg_, expected, got '"
              + schema
              + "'");
    }
    if (schema.equals("public") || schema.equals("information_schema")) {
      throw new InvalidArgumentException(
          "schema", "schema: one for Howdah alone expected, got '" + schema + "'");
    }
    return schema;
  }

  /** Does what the mode says. */
  public void apply(SchemaMode mode) {
    switch (mode) {
      case MIGRATE -> migrate();
      case VALIDATE -> validate();
      case NONE -> {}
    }
  }

  /**
   * Migrates, if there is anything to do.
   *
   * @return whether there was
   * @throws HowdahException with {@link ErrorCode#SCHEMA} when the schema is too new, Postgres too
   *     old, or the database not in UTF8
   */
  @CanIgnoreReturnValue
  public boolean migrate() {
    try (Connection connection = dataSource.getConnection()) {
      // The driver prepares its COMMIT at the first use, and behind a pooler that knows no prepared
      // statements the name would stay on a connection that is somebody else's next.
      connection.unwrap(PGConnection.class).setPrepareThreshold(0);
      OptionalInt before = check(connection);
      if (before.isPresent() && isCurrent(connection, before.getAsInt())) {
        return false;
      }
      if (connection.getNetworkTimeout() > 0) {
        // It answers; another process's migration, or this one, may take longer than a call.
        connection.setNetworkTimeout(Runnable::run, MOST_MILLIS);
      }
      connection.setAutoCommit(false);
      try {
        isolate(connection);
        lock(connection);
        // Another process may have been faster.
        OptionalInt now = check(connection);
        boolean done = now.isPresent() && isCurrent(connection, now.getAsInt());
        if (!done) {
          run(connection, now.orElse(0));
        }
        connection.commit();
        connection.setAutoCommit(true);
        return !done;
      } catch (SQLException | RuntimeException e) {
        undo(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw failure("cannot migrate the schema " + schema, e);
    }
  }

  /**
   * Checks that this library can run on the schema as it is.
   *
   * @throws HowdahException with {@link ErrorCode#SCHEMA} when it cannot
   */
  public void validate() {
    try (Connection connection = dataSource.getConnection()) {
      OptionalInt version = check(connection);
      if (version.isEmpty()) {
        throw new HowdahException(
            ErrorCode.SCHEMA,
            "there is no schema "
                + schema
                + " of Howdah in this database; ./howdah migrate makes it, or the schema mode 'migrate'");
      }
      if (version.getAsInt() < VERSION) {
        throw new HowdahException(
            ErrorCode.SCHEMA,
            "the schema "
                + schema
                + " has version "
                + version.getAsInt()
                + ", this library needs "
                + VERSION
                + "; ./howdah migrate brings it up to date");
      }
      if (version.getAsInt() == VERSION && functionsNumber(connection) < FUNCTIONS.number()) {
        throw new HowdahException(
            ErrorCode.SCHEMA,
            "the functions of the schema "
                + schema
                + " are those of an older library (set "
                + functionsNumber(connection)
                + ", this one needs "
                + FUNCTIONS.number()
                + "); ./howdah migrate brings them up to date");
      }
    } catch (SQLException e) {
      throw failure("cannot look at the schema " + schema, e);
    }
  }

  /**
   * Gives a role what it needs: {@code app} for an application, {@code monitor} for what watches
   * it. Migrations renew it.
   *
   * @throws HowdahException when the role or the kind is unknown, or the caller is not the owner
   */
  public void grant(String role, String kind) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT " + schema + ".role_grant(?, ?)")) {
      statement.setString(1, role);
      statement.setString(2, kind);
      statement.execute();
    } catch (SQLException e) {
      throw failure("cannot give rights on the schema " + schema + " to " + role, e);
    }
  }

  /**
   * The SQL that {@link #migrate} would run on this database now; empty when there is nothing to
   * do.
   */
  public String dryRun() {
    try (Connection connection = dataSource.getConnection()) {
      OptionalInt version = check(connection);
      if (version.isPresent() && isCurrent(connection, version.getAsInt())) {
        return "";
      }
      StringBuilder sql = new StringBuilder("BEGIN;\n").append(ISOLATION).append(";\n");
      statements(version.orElse(0))
          .forEach(statement -> sql.append(statement.strip()).append('\n'));
      return sql.append("COMMIT;\n").toString();
    } catch (SQLException e) {
      throw failure("cannot look at the schema " + schema, e);
    }
  }

  /** The version, empty when there is no schema; fails where this library can never run. */
  private OptionalInt check(Connection connection) throws SQLException {
    int postgres = queryInt(connection, "SELECT current_setting('server_version_num')::int");
    if (postgres < OLDEST_POSTGRES) {
      throw new HowdahException(
          ErrorCode.SCHEMA, "Postgres 15 or newer is needed, this is " + postgres / 10_000);
    }
    if (queryInt(connection, "SELECT (current_setting('server_encoding') = 'UTF8')::int") == 0) {
      throw new HowdahException(
          ErrorCode.SCHEMA,
          "a database in UTF8 is needed, this one is in another encoding;"
              + " CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0 makes one");
    }
    if (queryInt(
            connection,
            "SELECT count(*)::int FROM pg_catalog.pg_get_keywords() WHERE catcode <> 'U' AND word = '"
                + schema
                + "'")
        > 0) {
      throw new InvalidArgumentException(
          "schema", "schema: a name that is no word of SQL expected, got '" + schema + "'");
    }
    if (queryInt(
            connection,
            "SELECT count(*)::int FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = '"
                + schema
                + "' AND c.relname = 'schema_version'")
        == 0) {
      return OptionalInt.empty();
    }
    int version =
        queryInt(connection, "SELECT coalesce(max(version), 0) FROM " + schema + ".schema_version");
    if (version > VERSION + 1) {
      throw new HowdahException(
          ErrorCode.SCHEMA,
          "the schema "
              + schema
              + " has version "
              + version
              + ", this library runs on "
              + VERSION
              + " and "
              + (VERSION + 1)
              + "; use a newer version of the library");
    }
    return OptionalInt.of(version);
  }

  private boolean isCurrent(Connection connection, int version) throws SQLException {
    if (version != VERSION) {
      // A newer schema is left as it is: its own library has made it.
      return version > VERSION;
    }
    int number = functionsNumber(connection);
    if (number != FUNCTIONS.number()) {
      return number > FUNCTIONS.number();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT functions ->> '' = ? FROM "
                + schema
                + ".schema_version WHERE version = "
                + VERSION)) {
      statement.setString(1, FUNCTIONS.digest());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  /** The number of the set of functions that is there; 0 of one from before they had numbers. */
  private int functionsNumber(Connection connection) throws SQLException {
    return queryInt(
        connection,
        "SELECT coalesce((functions ->> '#')::int, 0) FROM "
            + schema
            + ".schema_version WHERE version = "
            + VERSION);
  }

  private static void isolate(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(ISOLATION);
    }
  }

  /** What went wrong first is what is told: of a connection that is gone, not that it is gone. */
  private static void undo(Connection connection, Exception cause) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private void lock(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
      statement.setString(1, schema + ".migrate");
      statement.execute();
    }
  }

  private void run(Connection connection, int from) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements(from)) {
        statement.execute(sql);
      }
    }
  }

  /** Everything that leads from a version to this library's, one script each. */
  private List<String> statements(int from) {
    List<String> statements = new ArrayList<>();
    if (from == 0) {
      statements.add(read("bootstrap.sql", schema));
    }
    for (int version = from + 1; version <= VERSION; version++) {
      for (String script : TABLE_SCRIPTS.get(version - 1)) {
        statements.add(read(script, schema));
      }
    }
    String functions = functions(schema);
    String signatures = signatures(functions);
    statements.add(read("before_functions.sql", schema).replace("${signatures}", signatures));
    statements.add(functions);
    statements.add(
        "INSERT INTO "
            + schema
            + ".schema_version (version, functions, applied_at) VALUES ("
            + VERSION
            + ", '"
            + signatures
            + "', now()) ON CONFLICT (version) DO UPDATE SET functions = excluded.functions, applied_at = excluded.applied_at;\n");
    statements.add(read("grants.sql", schema));
    return statements;
  }

  private static FunctionSet functionSet() {
    String[] parts = read("functions.txt", "").strip().split(" ", 2);
    return new FunctionSet(Integer.parseInt(parts[0]), parts[1]);
  }

  /** What functions.txt has to have. */
  static String functionsDigest() {
    return digest(functions("howdah"));
  }

  private static String functions(String schema) {
    StringBuilder sql = new StringBuilder();
    for (String script : FUNCTION_SCRIPTS) {
      String text = read(script, schema);
      List<String> tables = TEMPLATES.get(script);
      if (tables == null) {
        sql.append(text);
      } else {
        tables.forEach(table -> sql.append(text.replace("${table}", table)));
      }
    }
    return sql.toString();
  }

  /**
   * As JSON: the digest of what stands between the name of each function and its body; under ""
   * that of everything, and under "#" the number of the set.
   */
  private static String signatures(String functions) {
    StringBuilder json =
        new StringBuilder("{\"\":\"")
            .append(FUNCTIONS.digest())
            .append("\",\"#\":")
            .append(FUNCTIONS.number());
    Matcher matcher = FUNCTION.matcher(functions);
    while (matcher.find()) {
      String signature = matcher.group(2).replaceAll("\\s+", " ");
      json.append(",\"")
          .append(matcher.group(1))
          .append("\":\"")
          .append(digest(signature), 0, 16)
          .append('"');
    }
    return json.append('}').toString();
  }

  private static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(String script, String schema) {
    try (InputStream in = Migrator.class.getResourceAsStream(script)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + script);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("${schema}", schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int queryInt(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getInt(1) : 0;
    }
  }

  /** Pools wrap what the driver has thrown. */
  private static String state(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return "";
  }

  private static HowdahException failure(String what, SQLException e) {
    String state = state(e);
    // It is not there, it starts or stops, it lets nobody in, or it has no connection left.
    boolean away = state.matches("(08|28|57P|3D).*|53300");
    ErrorCode code =
        away
            ? ErrorCode.UNAVAILABLE
            : state.equals("42501") ? ErrorCode.FORBIDDEN : ErrorCode.SCHEMA;
    return new HowdahException(code, String.format(Locale.ROOT, "%s: %s", what, e.getMessage()), e);
  }
}
