package io.howdah.spring;

import io.howdah.ManagedTransactions;
import io.howdah.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The transactions that Spring manages on the data source of the application: those of its JDBC
 * transaction manager, and those of JPA, which binds its connection to the thread as well.
 *
 * <p>A transaction is joined until it commits. What runs in {@code afterCommit} and {@code
 * afterCompletion} is outside: there its connection would take calls that nothing commits.
 */
final class SpringTransactions implements ManagedTransactions, TransactionExecutionListener {
  private final DataSource dataSource;
  private final Supplier<@Nullable PlatformTransactionManager> manager;

  /** Whether the manager of the application has turned out to be one of something else. */
  private volatile boolean isForeign;

  /**
   * Of one data source.
   *
   * @param manager begins transactions for {@code Howdah.transaction}; where there is none, or it
   *     is one of another resource, one of JDBC does
   */
  SpringTransactions(
      DataSource dataSource, Supplier<@Nullable PlatformTransactionManager> manager) {
    this.dataSource = beneath(dataSource);
    this.manager = manager;
  }

  /** Transaction managers bind their connection to the data source behind this proxy. */
  private static DataSource beneath(DataSource dataSource) {
    DataSource found = dataSource;
    while (found instanceof TransactionAwareDataSourceProxy proxy
        && proxy.getTargetDataSource() != null) {
      found = proxy.getTargetDataSource();
    }
    return found;
  }

  @Override
  public @Nullable Transaction current(Function<Connection, Transaction> join) {
    if (!TransactionSynchronizationManager.isActualTransactionActive()
        || !TransactionSynchronizationManager.isSynchronizationActive()) {
      return null;
    }
    return TransactionSynchronizationManager.getResource(this) instanceof Joined joined
        ? joined.transaction(join)
        : null;
  }

  /**
   * Only what is known from its beginning is joined: a connection that is bound to the thread later
   * may be one that nobody commits. And its end is seen before any other callback.
   */
  @Override
  public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
    if (failure == null
        && transaction.isNewTransaction()
        && TransactionSynchronizationManager.isSynchronizationActive()) {
      bind();
    }
  }

  private void bind() {
    if (TransactionSynchronizationManager.getResource(dataSource) instanceof ConnectionHolder holder
        && !TransactionSynchronizationManager.hasResource(this)) {
      Joined joined = new Joined(holder);
      TransactionSynchronizationManager.registerSynchronization(joined);
      TransactionSynchronizationManager.bindResource(this, joined);
    }
  }

  @Override
  public <R> R run(Function<Connection, Transaction> join, Function<Transaction, R> work) {
    Transaction current = current(join);
    PlatformTransactionManager own = isForeign ? null : manager.get();
    if (current != null && own == null) {
      return work.apply(current);
    }
    TransactionTemplate template = new TransactionTemplate(own != null ? own : managerOfJdbc());
    if (current == null) {
      // In a callback after the end of a transaction, REQUIRED would take part in what is over.
      template.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }
    return template.execute(status -> {
      Transaction joined = current(join);
      if (joined != null) {
        return work.apply(joined);
      }
      if (own == null) {
        throw new IllegalStateException("the transaction that was begun is not known");
      }
      // Of messages, or of another database: it says so only by what it has not begun.
      isForeign = true;
      return run(join, work);
    });
  }

  private PlatformTransactionManager managerOfJdbc() {
    DataSourceTransactionManager made = new DataSourceTransactionManager(dataSource);
    made.addListener(this);
    return made;
  }

  /** What is bound to the thread while a transaction is under way on it. */
  private final class Joined implements TransactionSynchronization {
    private final ConnectionHolder holder;
    private @Nullable Transaction transaction;
    private boolean over;

    Joined(ConnectionHolder holder) {
      this.holder = holder;
    }

    /** Null where the connection is in no transaction: another resource of the thread's is. */
    @Nullable Transaction transaction(Function<Connection, Transaction> join) {
      if (over) {
        return null;
      }
      if (transaction == null) {
        Connection connection = holder.getConnection();
        if (commitsByItself(connection)) {
          return null;
        }
        transaction = join.apply(connection);
      }
      return transaction;
    }

    private boolean commitsByItself(Connection connection) {
      try {
        return connection.getAutoCommit();
      } catch (SQLException e) {
        throw new CannotGetJdbcConnectionException("the connection of the transaction broke", e);
      }
    }

    @Override
    public int getOrder() {
      return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void suspend() {
      TransactionSynchronizationManager.unbindResource(SpringTransactions.this);
    }

    @Override
    public void resume() {
      TransactionSynchronizationManager.bindResource(SpringTransactions.this, this);
    }

    @Override
    public void afterCommit() {
      over = true;
      end(true);
    }

    @Override
    public void afterCompletion(int status) {
      over = true;
      Object unused =
          TransactionSynchronizationManager.unbindResourceIfPossible(SpringTransactions.this);
      end(status != STATUS_ROLLED_BACK);
    }

    private void end(boolean committed) {
      Transaction ended = transaction;
      transaction = null;
      if (ended != null) {
        ended.ended(committed);
      }
    }
  }
}
