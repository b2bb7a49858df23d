package io.howdah;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.howdah.engine.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions that nobody else manages: each on a connection of the application's pool; where the
 * database was given by a URL, of a small pool of its own, made at the first use.
 */
final class OwnTransactions implements ManagedTransactions, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnTransactions.class);

  private final DataSource dataSource;
  private final boolean pools;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable HikariDataSource pool;

  /**
   * Opens no connection yet.
   *
   * @param pools whether {@code dataSource} is no pool
   */
  OwnTransactions(DataSource dataSource, boolean pools) {
    this.dataSource = dataSource;
    this.pools = pools;
  }

  @Override
  public @Nullable Transaction current(Function<Connection, Transaction> join) {
    return null;
  }

  @Override
  public <R> R run(Function<Connection, Transaction> join, Function<Transaction, R> work) {
    try {
      Connection connection = pool().getConnection();
      boolean committedByItself = connection.getAutoCommit();
      try {
        connection.setAutoCommit(false);
        return run(join.apply(connection), connection, work);
      } finally {
        giveBack(connection, committedByItself);
      }
    } catch (SQLException e) {
      throw SqlErrors.translate(e, true);
    }
  }

  private static <R> R run(
      Transaction transaction, Connection connection, Function<Transaction, R> work)
      throws SQLException {
    boolean committed = false;
    try {
      R result = work.apply(transaction);
      connection.commit();
      committed = true;
      return result;
    } catch (SQLException | RuntimeException | Error e) {
      rollback(connection, e);
      throw e;
    } finally {
      transaction.ended(committed);
    }
  }

  /** As it came. A failure changes nothing: what was done is committed, or is not. */
  private static void giveBack(Connection connection, boolean committedByItself) {
    try (connection) {
      // Where the rollback before has failed, the next line would commit.
      connection.rollback();
      connection.setAutoCommit(committedByItself);
    } catch (SQLException e) {
      LOG.debug("a connection broke after its transaction", e);
    }
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private DataSource pool() {
    lock.lock();
    try {
      if (!pools) {
        return dataSource;
      }
      HikariDataSource own = pool;
      if (own == null) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("howdah-transactions");
        config.setDataSource(dataSource);
        config.setMinimumIdle(0);
        own = new HikariDataSource(config);
        pool = own;
      }
      return own;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (pool != null) {
        pool.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
