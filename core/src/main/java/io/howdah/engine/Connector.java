package io.howdah.engine;

import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the engine's own connections, with the application's settings but never from its pool. */
final class Connector {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  /** The driver's default: the application has not said anything about prepared statements. */
  private static final int UNSAID_PREPARE_THRESHOLD = 5;

  /**
   * A connection, and what was found out about it.
   *
   * @param isDirect no pooler stands between: it has the engine's session settings
   * @param prepares whether its statements are prepared on the server
   */
  record Opened(Connection connection, boolean isDirect, boolean prepares) {}

  private final DataSource dataSource;

  /** What the application has set, 0 for none; negative where it is not ours to change. */
  private final int socketTimeoutMillis;

  private final Duration lockTimeout;
  private final Consumer<Connection> opened;
  private final IntSupplier pooled;
  private final AtomicInteger failures = new AtomicInteger();
  private volatile boolean serverPrepares = true;
  private volatile boolean saidPooler;

  /**
   * @param opened gets each new connection before it is used
   * @param pooled is asked, when a pooler is found, how many lanes there are now
   */
  Connector(
      DataSource dataSource,
      Duration callTimeout,
      Duration lockTimeout,
      Consumer<Connection> opened,
      IntSupplier pooled) {
    this.dataSource = LaneDataSource.withTimeouts(dataSource, callTimeout);
    this.socketTimeoutMillis =
        dataSource instanceof PGSimpleDataSource plain ? plain.getSocketTimeout() * 1_000 : -1;
    this.lockTimeout = lockTimeout;
    this.opened = opened;
    this.pooled = pooled;
  }

  /**
   * A new one; of one that is cut off while it is being prepared, by an administrator perhaps,
   * another one is tried.
   */
  Opened open() throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      return prepare(connection);
    } catch (SQLException e) {
      // One that does not answer has taken long enough.
      if (!SqlErrors.brokeConnection(e) || e.getCause() instanceof SocketTimeoutException) {
        throw e;
      }
      LOG.debug("a connection was cut off at its beginning", e);
    }
    return prepare(dataSource.getConnection());
  }

  private Opened prepare(Connection connection) throws SQLException {
    try {
      connection.setAutoCommit(true);
      PGConnection postgres = connection.unwrap(PGConnection.class);
      int threshold = postgres.getPrepareThreshold();
      // Not even the questions below may leave a statement behind on a pooler.
      postgres.setPrepareThreshold(0);
      opened.accept(connection);
      boolean direct = isDirect(connection, postgres);
      boolean prepares =
          threshold > 0 && serverPrepares && (direct || threshold != UNSAID_PREPARE_THRESHOLD);
      if (prepares) {
        // Every statement of a lane is used again and again: name it at its first use.
        postgres.setPrepareThreshold(1);
      }
      if (direct) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(
              "SET lock_timeout = "
                  + lockTimeout.toMillis()
                  + "; SET default_transaction_isolation = 'read committed'");
        }
      } else if (!saidPooler) {
        saidPooler = true;
        LOG.info(
            "a pooler stands between the engine and Postgres: {} lanes at most, and statements {}",
            pooled.getAsInt(),
            prepares
                ? "are prepared, as prepareThreshold says"
                : "are not prepared; set prepareThreshold=1 in the URL where the pooler supports them");
      }
      if (socketTimeoutMillis >= 0) {
        connection.setNetworkTimeout(Runnable::run, socketTimeoutMillis);
      }
      return new Opened(connection, direct, prepares);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** A pooler tells each client a process id of its own making. */
  static boolean isDirect(Connection connection, PGConnection postgres) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      return row.next() && row.getInt(1) == postgres.getBackendPID();
    }
  }

  /**
   * Has a connection prepare no statements where a pooler stands between, and the application has
   * not said that it knows them.
   */
  static void adapt(Connection connection) throws SQLException {
    PGConnection postgres = connection.unwrap(PGConnection.class);
    int threshold = postgres.getPrepareThreshold();
    if (threshold == UNSAID_PREPARE_THRESHOLD) {
      postgres.setPrepareThreshold(0);
      if (isDirect(connection, postgres)) {
        postgres.setPrepareThreshold(threshold);
      }
    }
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
