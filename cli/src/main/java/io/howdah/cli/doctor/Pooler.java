package io.howdah.cli.doctor;

import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What stands between a URL and Postgres, found out by what it does: it needs no rights on the
 * pooler, whichever that is.
 */
final class Pooler {
  /** How it lends its server connections. */
  enum Mode {
    /** There is no pooler. */
    NONE,
    SESSION,
    TRANSACTION,
    STATEMENT
  }

  /**
   * What was seen.
   *
   * @param prepares whether prepared statements come through; null when it could not be found out
   */
  record Seen(Mode mode, @Nullable Boolean prepares) {}

  private static final int PATIENCE_MILLIS = 5_000;

  /** How often somebody else may be lent the connection that we are waiting for. */
  private static final int ROUNDS = 8;

  private static final String PROBE = "SELECT pg_backend_pid() AS howdah_doctor_probe";

  /** No such statement, and: there is one of this name already, which somebody else has left. */
  private static final Set<String> STATEMENT_MIXED_UP = Set.of("26000", "42P05");

  private final PGSimpleDataSource dataSource;

  Pooler(PGSimpleDataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Looks.
   *
   * @throws SQLException when there is no answer
   */
  Seen look() throws SQLException {
    try (Connection first = open()) {
      PGConnection postgres = first.unwrap(PGConnection.class);
      if (pid(first) == postgres.getBackendPID()) {
        return new Seen(Mode.NONE, true);
      }
      first.setAutoCommit(false);
      try (PreparedStatement probe = first.prepareStatement(PROBE)) {
        probe.unwrap(PGStatement.class).setPrepareThreshold(1);
        return lookThrough(first, probe);
      }
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains("statement pooling mode")) {
        return new Seen(Mode.STATEMENT, false);
      }
      throw e;
    }
  }

  /**
   * A server connection that is lent to another client while the first one is still there, or a
   * first one that is lent different ones: that is transaction mode. While the other one holds it,
   * the first one is lent a different one, which has not prepared its statement.
   */
  private Seen lookThrough(Connection first, PreparedStatement probe) throws SQLException {
    int before = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int server;
      try {
        server = pid(probe);
      } catch (SQLException e) {
        if (!STATEMENT_MIXED_UP.contains(e.getSQLState())) {
          throw e;
        }
        return new Seen(Mode.TRANSACTION, false);
      }
      first.commit();
      if (before != 0 && server != before) {
        // Lent another one, it has found its statement there too.
        return new Seen(Mode.TRANSACTION, true);
      }
      before = server;
      try (Connection other = open()) {
        other.setAutoCommit(false);
        if (pid(other) == server) {
          Boolean prepares = comesThrough(first, probe);
          if (Boolean.FALSE.equals(prepares)) {
            forget(other);
          }
          other.commit();
          return new Seen(Mode.TRANSACTION, prepares);
        }
        other.commit();
      }
    }
    return new Seen(Mode.SESSION, true);
  }

  private static @Nullable Boolean comesThrough(Connection first, PreparedStatement probe)
      throws SQLException {
    try {
      int server = pid(probe);
      first.commit();
      return server > 0;
    } catch (SQLException e) {
      if (STATEMENT_MIXED_UP.contains(e.getSQLState())) {
        first.rollback();
        return false;
      }
      if (e.getCause() instanceof SocketTimeoutException) {
        // A pool of one: the other client has it.
        return null;
      }
      throw e;
    }
  }

  /** Leaves no statement of ours on a connection that is lent to others after us. */
  private static void forget(Connection other) throws SQLException {
    try (Statement statement = other.createStatement()) {
      String name = null;
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT p.name FROM pg_catalog.pg_prepared_statements AS p WHERE p.statement LIKE '%howdah_doctor_probe'")) {
        if (rows.next()) {
          name = rows.getString(1);
        }
      }
      if (name != null) {
        statement.execute("DEALLOCATE " + statement.enquoteIdentifier(name, true));
      }
    }
  }

  private Connection open() throws SQLException {
    Connection connection = dataSource.getConnection();
    connection.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
    return connection;
  }

  private static int pid(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT pg_backend_pid()")) {
      return pid(statement);
    }
  }

  private static int pid(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("no process id");
      }
      return row.getInt(1);
    }
  }
}
