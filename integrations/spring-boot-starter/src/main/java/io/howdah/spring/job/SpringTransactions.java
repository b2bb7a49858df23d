package io.howdah.spring.job;

import io.howdah.Howdah;
import io.howdah.Transaction;
import java.sql.Connection;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Runs work in a transaction of Spring's, and hands it out as one of Howdah's. */
final class SpringTransactions {
  private final Howdah howdah;
  private final DataSource dataSource;
  private final TransactionTemplate template;

  SpringTransactions(Howdah howdah, DataSource dataSource, PlatformTransactionManager manager) {
    this.howdah = howdah;
    this.dataSource = dataSource;
    this.template = new TransactionTemplate(manager);
  }

  /** Commits; rolls back when {@code work} throws. */
  void run(Consumer<Transaction> work) {
    template.executeWithoutResult(status -> {
      Connection connection = DataSourceUtils.getConnection(dataSource);
      try {
        if (!DataSourceUtils.isConnectionTransactional(connection, dataSource)) {
          throw new IllegalStateException(
              "the transactions of "
                  + template.getTransactionManager()
                  + " are not on the data source of Howdah, so that no job can be completed in them");
        }
        Transaction transaction = howdah.on(connection);
        TransactionSynchronizationManager.registerSynchronization(
            new TransactionSynchronization() {
              @Override
              public void afterCompletion(int status) {
                transaction.ended(status != STATUS_ROLLED_BACK);
              }
            });
        work.accept(transaction);
      } finally {
        DataSourceUtils.releaseConnection(connection, dataSource);
      }
    });
  }
}
