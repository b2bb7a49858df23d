package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.TestPostgres;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The transactions of the JDBC transaction manager. */
class JdbcTransactionsTest extends JoinedTransactionsContract {
  @Override
  protected ApplicationContextRunner configure(ApplicationContextRunner application) {
    return application.withConfiguration(
        AutoConfigurations.of(DataSourceTransactionManagerAutoConfiguration.class));
  }

  @Test
  void savepointTakesCallsBack() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
          TransactionTemplate nested = new TransactionTemplate(manager);
          nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
          new TransactionTemplate(manager)
              .executeWithoutResult(status -> {
                howdah.kv("orders", String.class).set("outer", "1");
                nested.executeWithoutResult(inner -> {
                  howdah.kv("orders", String.class).set("inner", "1");
                  inner.setRollbackOnly();
                });
              });
          assertThat(howdah.kv("orders", String.class).exists("outer")).isTrue();
          assertThat(howdah.kv("orders", String.class).exists("inner")).isFalse();
        });
  }

  /** Boot tells nobody of the transactions of such a one. */
  @Test
  void managerThatTheApplicationDeclaresIsJoined() {
    application()
        .withBean(
            DataSourceTransactionManager.class,
            () -> new DataSourceTransactionManager(),
            definition ->
                ((AbstractBeanDefinition) definition)
                    .setAutowireMode(AbstractBeanDefinition.AUTOWIRE_BY_TYPE))
        .run(context -> {
          KeyValueStore<String> orders = context.getBean(Howdah.class).kv("orders", String.class);
          TransactionTemplate template =
              new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
          template.executeWithoutResult(status -> {
            orders.set("rolled back", "1");
            status.setRollbackOnly();
          });
          assertThat(orders.exists("rolled back")).isFalse();
          template.executeWithoutResult(status ->
              TransactionSynchronizationManager.registerSynchronization(
                  new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                      orders.set("after", "1");
                      assertThat(CompletableFuture.supplyAsync(() -> orders.exists("after")).join())
                          .isTrue();
                    }
                  }));
        });
  }

  /** As one of messages is. */
  private static final class OtherManager extends AbstractPlatformTransactionManager {
    @Override
    protected Object doGetTransaction() {
      return new Object();
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {}

    @Override
    protected void doCommit(DefaultTransactionStatus status) {}

    @Override
    protected void doRollback(DefaultTransactionStatus status) {}
  }

  @Test
  void managerOfSomethingElseIsLeftAlone() {
    application()
        .withBean(PlatformTransactionManager.class, OtherManager::new)
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          KeyValueStore<String> orders = howdah.kv("orders", String.class);
          for (String key : new String[] {"first", "second"}) {
            howdah.transaction(tx -> orders.set(key, "1"));
            assertThat(orders.exists(key)).isTrue();
          }
          assertThatThrownBy(() ->
                  howdah.transaction(tx -> {
                    orders.set("rolled back", "1");
                    throw new IllegalArgumentException("refused");
                  }))
              .hasMessage("refused");
          assertThat(orders.exists("rolled back")).isFalse();
          new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
              .executeWithoutResult(status ->
                  howdah.transaction(tx -> {
                    orders.set("inside", "1");
                    assertThat(howdah.outside().kv("orders", String.class).exists("inside"))
                        .isFalse();
                  }));
          assertThat(orders.exists("inside")).isTrue();
        });
  }

  @Test
  void proxiesOfTheDataSourceAreSeenThrough() {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(TestPostgres.url() + "&currentSchema=" + schema + "_app");
    try (pool) {
      for (DataSource proxy :
          new DataSource[] {
            new LazyConnectionDataSourceProxy(pool),
            new TransactionAwareDataSourceProxy(pool),
            new TransactionAwareDataSourceProxy(new LazyConnectionDataSourceProxy(pool))
          }) {
        application()
            .withBean(
                DataSource.class, () -> proxy, definition -> definition.setDestroyMethodName(""))
            .run(context -> {
              Howdah howdah = context.getBean(Howdah.class);
              new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                  .executeWithoutResult(status -> {
                    howdah.kv("orders", String.class).set("o1", "1");
                    context
                        .getBean(JdbcClient.class)
                        .sql("INSERT INTO orders VALUES ('o1')")
                        .update();
                    status.setRollbackOnly();
                  });
              assertThat(howdah.kv("orders", String.class).exists("o1")).isFalse();
            });
      }
    }
  }

  @Test
  void transactionOnAnotherDataSourceIsNotJoined() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          TransactionTemplate other =
              new TransactionTemplate(new DataSourceTransactionManager(TestPostgres.dataSource()));
          other.executeWithoutResult(status -> {
            // Its connection is bound to the thread as well, but commits by itself.
            assertThat(
                    context
                        .getBean(JdbcClient.class)
                        .sql("SELECT count(*) FROM orders")
                        .query(Integer.class)
                        .single())
                .isZero();
            howdah.kv("orders", String.class).set("o1", "1");
            assertThat(howdah.outside().kv("orders", String.class).exists("o1")).isTrue();
            status.setRollbackOnly();
          });
          assertThat(howdah.kv("orders", String.class).exists("o1")).isTrue();
        });
  }
}
