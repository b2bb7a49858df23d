package io.howdah.engine;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the engine's own connections, with the application's settings but never from its pool. */
final class Connector {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  private final DataSource dataSource;
  private final @Nullable DataSource withLockTimeout;
  private final Duration lockTimeout;
  private volatile boolean serverTakesSettings = true;
  private final Duration callTimeout;
  private volatile boolean serverPrepares = true;
  private final AtomicInteger failures = new AtomicInteger();

  Connector(DataSource dataSource, Duration callTimeout, Duration lockTimeout) {
    this.dataSource = dataSource;
    this.lockTimeout = lockTimeout;
    this.withLockTimeout = withLockTimeout(dataSource, lockTimeout);
    this.callTimeout = callTimeout;
  }

  Connection open() throws SQLException {
    Connection connection = connect();
    try {
      connection.setAutoCommit(true);
      limitReplies(connection, callTimeout);
      PGConnection postgres = connection.unwrap(PGConnection.class);
      if (!serverPrepares) {
        postgres.setPrepareThreshold(0);
      } else if (postgres.getPrepareThreshold() > 0) {
        // Every statement of a lane is used again and again: name it at its first use.
        postgres.setPrepareThreshold(1);
      }
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * As a setting of the connection, the lock timeout need not be sent with each write. A pooler
   * refuses that.
   */
  private static @Nullable DataSource withLockTimeout(DataSource dataSource, Duration lockTimeout) {
    if (!(dataSource instanceof PGSimpleDataSource plain)) {
      return null;
    }
    try {
      PGSimpleDataSource copy = new PGSimpleDataSource();
      copy.initializeFrom(plain);
      String own = "-c lock_timeout=" + lockTimeout.toMillis();
      String others = plain.getOptions();
      copy.setOptions(others == null || others.isEmpty() ? own : others + " " + own);
      return copy;
    } catch (IOException | ClassNotFoundException e) {
      LOG.debug("the data source cannot be copied", e);
      return null;
    }
  }

  private Connection connect() throws SQLException {
    DataSource preferred = withLockTimeout;
    if (preferred == null || !serverTakesSettings) {
      return dataSource.getConnection();
    }
    try {
      return preferred.getConnection();
    } catch (SQLException e) {
      Connection plain = dataSource.getConnection();
      LOG.debug("the server takes no settings with a connection", e);
      serverTakesSettings = false;
      return plain;
    }
  }

  /**
   * Whether a connection has the lock timeout by itself: it was asked for, and no pooler stands
   * between.
   */
  boolean hasLockTimeout(Connection connection) throws SQLException {
    if (withLockTimeout == null || !serverTakesSettings) {
      return false;
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT setting FROM pg_settings WHERE name = 'lock_timeout'")) {
      return rows.next() && rows.getLong(1) == lockTimeout.toMillis();
    }
  }

  static void limitReplies(Connection connection, Duration timeout) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis() + 1_000));
  }

  /** Behind a transaction pooler that does not know prepared statements. */
  void stopPreparing() {
    if (serverPrepares) {
      LOG.info(
          "a pooler gave a statement to a server connection that has not prepared it: statements are not prepared any more");
    }
    serverPrepares = false;
  }

  boolean prepares() {
    return serverPrepares;
  }

  /** Counts broken connections: one that is older than the last count may be broken too. */
  int failures() {
    return failures.get();
  }

  void countFailure() {
    failures.incrementAndGet();
  }
}
