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

/**
 * Transactions that nobody else manages: each on a connection of the application's pool; where the
 * database was given by a URL, of a small pool of its own, made at the first use.
 */
final class OwnTransactions implements ManagedTransactions, AutoCloseable {
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
    try (Connection connection = pool().getConnection()) {
      connection.setAutoCommit(false);
      Transaction transaction = join.apply(connection);
      boolean committed = false;
      R result;
      try {
        result = work.apply(transaction);
        connection.commit();
        committed = true;
      } catch (SQLException | RuntimeException | Error e) {
        rollback(connection, e);
        throw e;
      } finally {
        transaction.ended(committed);
      }
      connection.setAutoCommit(true);
      return result;
    } catch (SQLException e) {
      throw SqlErrors.translate(e, true);
    }
  }

  private static void rollback(Connection connection, Throwable cause) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
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
