package io.howdah.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the engine's own connections, with the application's settings but never from its pool. */
final class Connector {
  private static final Logger LOG = LoggerFactory.getLogger(Connector.class);

  private final DataSource dataSource;
  private final Duration callTimeout;
  private volatile boolean serverPrepares = true;
  private final AtomicInteger failures = new AtomicInteger();

  Connector(DataSource dataSource, Duration callTimeout) {
    this.dataSource = dataSource;
    this.callTimeout = callTimeout;
  }

  Connection open() throws SQLException {
    Connection connection = dataSource.getConnection();
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
