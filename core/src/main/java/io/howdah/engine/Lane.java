package io.howdah.engine;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of the engine's own, with its prepared statements. Whoever has taken the lane uses
 * it alone: a caller for a single call, the lane's thread for batches.
 *
 * <p>Only {@link #abortIfOverdue} comes from another thread. A socket timeout would do the same, at
 * the price of two more system calls for each reply.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /** In {@link #replyBy}: no statement is under way. */
  private static final long NONE = 0;

  /** In {@link #replyBy}: the connection has been given up for lost. */
  private static final long ABORTED = Long.MIN_VALUE;

  final int index;
  private final Connector connector;
  private final EngineMetrics metrics;
  private final Watch watch;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final AtomicLong replyBy = new AtomicLong(NONE);
  private volatile @Nullable Connection connection;
  private volatile boolean closed;
  private int failuresSeen;
  private boolean prepares;
  private boolean isDirect;

  Lane(int index, Connector connector, EngineMetrics metrics, Watch watch) {
    this.index = index;
    this.connector = connector;
    this.metrics = metrics;
    this.watch = watch;
  }

  /**
   * Whether a statement can be sent at once: it is connected, and there is no reason to doubt it.
   */
  boolean isReady() {
    return connection != null
        && failuresSeen == connector.failures()
        && (!prepares || connector.prepares());
  }

  /** Sees to it that it is connected; what went wrong otherwise. */
  @Nullable SQLException connect() {
    try {
      connection();
      return null;
    } catch (SQLException e) {
      return e;
    }
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

  @CanIgnoreReturnValue
  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open != null && prepares && !connector.prepares()) {
      // Another lane found that the pooler knows no prepared statements.
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
      Connector.Opened opened = connector.open();
      open = opened.connection();
      connection = open;
      prepares = opened.prepares();
      isDirect = opened.isDirect();
      failuresSeen = failures;
      metrics.connected(index);
      if (closed) {
        // Meanwhile: close() has not seen this connection.
        discard();
        throw new SQLException("the engine is closed", "08003");
      }
    }
    return open;
  }

  /**
   * Whether the connection has the engine's lock timeout, so that a statement need not bring it.
   * Opens the connection.
   */
  boolean hasLockTimeout() throws SQLException {
    Connection open = connection();
    return isDirect && open != null;
  }

  /**
   * Sends a statement and reads the whole answer.
   *
   * @param deadlineNanos when the connection is given up for lost if there is none
   */
  ResultSet execute(PreparedStatement statement, long deadlineNanos) throws SQLException {
    long limit = deadlineNanos == NONE || deadlineNanos == ABORTED ? 1 : deadlineNanos;
    replyBy.set(limit);
    watch.laneAtWork();
    try {
      return statement.executeQuery();
    } finally {
      // Given up a moment ago: the answer is good, if there is one, but the connection is not.
      if (!replyBy.compareAndSet(limit, NONE) && connection != null) {
        connector.countFailure();
      }
    }
  }

  boolean isAtWork() {
    return replyBy.get() != NONE;
  }

  /** Closes the connection under a statement that is overdue; its thread gets an error. */
  void abortIfOverdue(long nowNanos) {
    long limit = replyBy.get();
    if (limit != NONE
        && limit != ABORTED
        && nowNanos - limit > 0
        && replyBy.compareAndSet(limit, ABORTED)) {
      Connection overdue = connection;
      LOG.warn("lane {}: no answer from Postgres in time, its connection is given up", index);
      if (overdue != null) {
        try {
          overdue.abort(Runnable::run);
        } catch (SQLException e) {
          LOG.debug("aborting a connection", e);
        }
      }
    }
  }

  boolean wasAborted() {
    return replyBy.get() == ABORTED;
  }

  boolean isOpen() {
    return connection != null;
  }

  /** For good. It may be connecting, on another thread. */
  void close() {
    closed = true;
    discard();
  }

  void discard() {
    Connection broken = connection;
    connection = null;
    statements.clear();
    replyBy.set(NONE);
    if (broken != null) {
      try {
        broken.close();
      } catch (SQLException e) {
        LOG.debug("closing a broken connection", e);
      }
    }
  }
}
