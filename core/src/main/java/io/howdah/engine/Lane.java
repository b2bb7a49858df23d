package io.howdah.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of the engine's own, with its prepared statements. Whoever has taken the lane uses
 * it alone: a caller for a single call, the lane's thread for batches.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  final int index;
  private final Connector connector;
  private final EngineMetrics metrics;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private @Nullable Connection connection;
  private int failuresSeen;
  private boolean prepares;
  private boolean hasLockTimeout;

  Lane(int index, Connector connector, EngineMetrics metrics) {
    this.index = index;
    this.connector = connector;
    this.metrics = metrics;
  }

  PreparedStatement prepare(String sql) throws SQLException {
    Connection open = connection();
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = open.prepareStatement(sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open != null && prepares != connector.prepares()) {
      // Opened before another lane found that the pooler knows no prepared statements.
      discard();
      open = null;
    }
    int failures = connector.failures();
    if (open != null && failuresSeen != failures) {
      // Another lane lost its connection, perhaps with the whole server: a look is cheaper than a
      // lost write.
      if (!open.isValid(1)) {
        discard();
        open = null;
      }
      failuresSeen = failures;
    }
    if (open == null) {
      boolean prepared = connector.prepares();
      open = connector.open();
      connection = open;
      prepares = prepared;
      hasLockTimeout = connector.hasLockTimeout(open);
      failuresSeen = failures;
      metrics.connected(index);
    }
    return open;
  }

  /** A reply that comes later finds nobody waiting, and the connection is given up for lost. */
  void expectReplyWithin(Duration timeout) throws SQLException {
    Connector.limitReplies(connection(), timeout);
  }

  /**
   * Whether the connection has the engine's lock timeout, so that a statement need not bring it.
   */
  boolean hasLockTimeout() throws SQLException {
    Connection open = connection();
    return hasLockTimeout && open != null;
  }

  boolean isOpen() {
    return connection != null;
  }

  void discard() {
    Connection broken = connection;
    connection = null;
    statements.clear();
    if (broken != null) {
      try {
        broken.close();
      } catch (SQLException e) {
        LOG.debug("closing a broken connection", e);
      }
    }
  }
}
