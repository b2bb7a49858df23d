package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import io.howdah.ratelimit.RateLimit;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizationAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What holds of the transactions of each of Spring's transaction managers. */
abstract class JoinedTransactionsContract {
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A service as applications have them. */
  static class Orders {
    private final Howdah howdah;
    private final JdbcClient jdbc;

    Orders(Howdah howdah, JdbcClient jdbc) {
      this.howdah = howdah;
      this.jdbc = jdbc;
    }

    @Transactional
    public void place(String id, boolean refuse) {
      jdbc.sql("INSERT INTO orders VALUES (?)").param(id).update();
      howdah.kv("orders", String.class).set(id, "placed");
      howdah.jobs("mail").enqueue(id);
      if (refuse) {
        throw new Refused();
      }
    }

    @Transactional(readOnly = true)
    public boolean isPlaced(String id) {
      return howdah.kv("orders", String.class).exists(id);
    }

    @Transactional(readOnly = true)
    public void placeThoughReadOnly(String id) {
      howdah.kv("orders", String.class).set(id, "placed");
    }

    @Transactional(propagation = Propagation.SUPPORTS)
    public void placeWithoutTransaction(String id) {
      howdah.kv("orders", String.class).set(id, "placed");
      throw new Refused();
    }
  }

  protected final String schema = TestPostgres.freshSchema(getClass());

  /** With its transaction manager. */
  protected abstract ApplicationContextRunner configure(ApplicationContextRunner application);

  protected final ApplicationContextRunner application() {
    return configure(
        new ApplicationContextRunner()
            .withConfiguration(
                AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    JdbcClientAutoConfiguration.class,
                    TransactionManagerCustomizationAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    HowdahAutoConfiguration.class))
            .withBean(Orders.class)
            .withPropertyValues(
                "spring.datasource.url=" + TestPostgres.url() + "&currentSchema=" + schema + "_app",
                "howdah.schema=" + schema,
                "howdah.sweeper=false"));
  }

  @BeforeEach
  void createTables() throws SQLException {
    sql("CREATE SCHEMA " + schema + "_app");
    sql("CREATE TABLE " + schema + "_app.orders (id text PRIMARY KEY)");
  }

  @AfterEach
  void drop() throws SQLException {
    sql("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    sql("DROP SCHEMA IF EXISTS " + schema + "_app CASCADE");
  }

  private static void sql(String sql) throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static KeyValueStore<String> orders(ApplicationContext context) {
    return context.getBean(Howdah.class).kv("orders", String.class);
  }

  /** As others see it. */
  private static boolean isSeenOutside(ApplicationContext context, String id) {
    return context.getBean(Howdah.class).outside().kv("orders", String.class).exists(id);
  }

  private static int rows(ApplicationContext context) {
    return context
        .getBean(JdbcClient.class)
        .sql("SELECT count(*) FROM orders")
        .query(Integer.class)
        .single();
  }

  private static TransactionTemplate template(ApplicationContext context, int propagation) {
    TransactionTemplate template =
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    template.setPropagationBehavior(propagation);
    return template;
  }

  private static TransactionTemplate template(ApplicationContext context) {
    return template(context, TransactionDefinition.PROPAGATION_REQUIRED);
  }

  @Test
  void callsAreCommittedAndRolledBackWithTheStatementsBesideThem() {
    application()
        .run(context -> {
          Orders service = context.getBean(Orders.class);
          service.place("o1", false);
          assertThat(orders(context).get("o1")).hasValue("placed");
          assertThatThrownBy(() -> service.place("o2", true)).isInstanceOf(Refused.class);
          assertThat(orders(context).get("o2")).isEmpty();
          assertThat(rows(context)).isEqualTo(1);
          assertThat(context.getBean(Howdah.class).jobs().counts())
              .singleElement()
              .satisfies(count -> assertThat(count.jobs()).isEqualTo(1));
        });
  }

  @Test
  void othersSeeNothingBeforeTheCommit() {
    application()
        .run(context -> {
          template(context)
              .executeWithoutResult(status -> {
                orders(context).set("o1", "placed");
                assertThat(orders(context).exists("o1")).isTrue();
                assertThat(isSeenOutside(context, "o1")).isFalse();
              });
          assertThat(isSeenOutside(context, "o1")).isTrue();
        });
  }

  @Test
  void requiresNewIsAnotherTransactionAndTheOuterOneGoesOn() {
    application()
        .run(context -> {
          assertThatThrownBy(() ->
                  template(context)
                      .executeWithoutResult(status -> {
                        orders(context).set("outer", "1");
                        template(context, TransactionDefinition.PROPAGATION_REQUIRES_NEW)
                            .executeWithoutResult(inner -> {
                              assertThat(orders(context).exists("outer")).isFalse();
                              orders(context).set("inner", "1");
                            });
                        assertThat(isSeenOutside(context, "inner")).isTrue();
                        orders(context).set("outer too", "1");
                        assertThat(orders(context).exists("outer")).isTrue();
                        throw new Refused();
                      }))
              .isInstanceOf(Refused.class);
          assertThat(orders(context).exists("inner")).isTrue();
          assertThat(orders(context).exists("outer")).isFalse();
          assertThat(orders(context).exists("outer too")).isFalse();
        });
  }

  @Test
  void notSupportedIsOutside() {
    application()
        .run(context -> {
          assertThatThrownBy(() ->
                  template(context)
                      .executeWithoutResult(status -> {
                        template(context, TransactionDefinition.PROPAGATION_NOT_SUPPORTED)
                            .executeWithoutResult(inner -> orders(context).set("o1", "1"));
                        throw new Refused();
                      }))
              .isInstanceOf(Refused.class);
          assertThat(orders(context).exists("o1")).isTrue();
          Orders service = context.getBean(Orders.class);
          assertThatThrownBy(() -> service.placeWithoutTransaction("o2"))
              .isInstanceOf(Refused.class);
          assertThat(orders(context).exists("o2")).isTrue();
        });
  }

  @Test
  void readOnlyTransactionReadsAndRefusesToWrite() {
    application()
        .run(context -> {
          Orders service = context.getBean(Orders.class);
          service.place("o1", false);
          assertThat(service.isPlaced("o1")).isTrue();
          assertThatThrownBy(() -> service.placeThoughReadOnly("o2"))
              .isInstanceOfSatisfying(
                  HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STANDBY));
          assertThat(service.isPlaced("o2")).isFalse();
        });
  }

  @Test
  void transactionOfHowdahIsJoinedByTheStatementsBesideItAndJoinsTheirs() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          JdbcClient jdbc = context.getBean(JdbcClient.class);
          assertThatThrownBy(() ->
                  howdah.transaction(tx -> {
                    jdbc.sql("INSERT INTO orders VALUES ('o1')").update();
                    tx.kv("orders", String.class).set("o1", "placed");
                    throw new Refused();
                  }))
              .isInstanceOf(Refused.class);
          assertThat(rows(context)).isZero();
          howdah.transaction(tx -> {
            jdbc.sql("INSERT INTO orders VALUES ('o2')").update();
            orders(context).set("o2", "placed");
          });
          assertThat(rows(context)).isEqualTo(1);
          template(context)
              .executeWithoutResult(status -> {
                howdah.transaction(tx -> tx.kv("orders", String.class).set("o3", "placed"));
                status.setRollbackOnly();
              });
          assertThat(orders(context).exists("o2")).isTrue();
          assertThat(orders(context).exists("o3")).isFalse();
        });
  }

  @Test
  void failureOfATransactionThatJoinedTakesTheOuterOneWithIt() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          assertThatThrownBy(() ->
                  template(context)
                      .executeWithoutResult(status -> {
                        context
                            .getBean(JdbcClient.class)
                            .sql("INSERT INTO orders VALUES ('o1')")
                            .update();
                        assertThatThrownBy(() ->
                                howdah.transaction(tx -> {
                                  tx.kv("orders", String.class).set("o1", "placed");
                                  throw new Refused();
                                }))
                            .isInstanceOf(Refused.class);
                      }))
              .isInstanceOf(UnexpectedRollbackException.class);
          assertThat(rows(context)).isZero();
          assertThat(orders(context).exists("o1")).isFalse();
        });
  }

  @Test
  void transactionOfHowdahInACallbackAfterTheCommitIsAnotherOne() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          template(context)
              .executeWithoutResult(status ->
                  TransactionSynchronizationManager.registerSynchronization(
                      new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                          howdah.transaction(tx -> tx.kv("orders", String.class).set("a", "1"));
                          assertThat(isSeenOutside(context, "a")).isTrue();
                        }

                        @Override
                        public void afterCompletion(int outcome) {
                          howdah.transaction(tx -> tx.kv("orders", String.class).set("b", "1"));
                          assertThat(isSeenOutside(context, "b")).isTrue();
                        }
                      }));
          assertThat(orders(context).exists("a")).isTrue();
          assertThat(orders(context).exists("b")).isTrue();
        });
  }

  @Test
  void callbacksAfterTheCommitAreOutside() {
    application()
        .run(context -> {
          template(context)
              .executeWithoutResult(status -> {
                TransactionSynchronizationManager.registerSynchronization(
                    new TransactionSynchronization() {
                      @Override
                      public void afterCommit() {
                        orders(context).set("after commit", "1");
                        assertThat(isSeenOutside(context, "after commit")).isTrue();
                      }

                      @Override
                      public void afterCompletion(int outcome) {
                        orders(context).set("after completion", "1");
                        assertThat(isSeenOutside(context, "after completion")).isTrue();
                      }
                    });
              });
          assertThat(orders(context).exists("after commit")).isTrue();
          assertThat(orders(context).exists("after completion")).isTrue();
        });
  }

  @Test
  void rateLimitsStayOutside() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          RateLimit two = RateLimit.perDay(2).fixedWindow();
          for (int i = 0; i < 2; i++) {
            template(context)
                .executeWithoutResult(status -> {
                  assertThat(howdah.rateLimiter("login", two).acquire("ann").allowed()).isTrue();
                  status.setRollbackOnly();
                });
          }
          assertThat(howdah.rateLimiter("login", two).acquire("ann").allowed()).isFalse();
        });
  }

  @Test
  void nearCacheKnowsWhatWasCommittedAndForgetsWhatWasNot() {
    application()
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          howdah.namespaces().notifyChanges("orders", true);
          KeyValueStore<String> near =
              howdah.kv("orders", String.class).near(NearSettings.defaults());
          near.set("o1", "old");
          assertThat(near.get("o1")).hasValue("old");
          template(context)
              .executeWithoutResult(status -> {
                near.set("o1", "never");
                assertThat(near.get("o1")).hasValue("never");
                status.setRollbackOnly();
              });
          assertThat(near.get("o1")).hasValue("old");
          template(context).executeWithoutResult(status -> near.set("o1", "new"));
          assertThat(near.get("o1")).hasValue("new");
        });
  }

  @Test
  void virtualThreadsAreInTransactionsLikeOthers() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(Runtime.version().feature() >= 21);
    application()
        .withPropertyValues("spring.threads.virtual.enabled=true")
        .run(context -> {
          Throwable[] failure = new Throwable[1];
          Thread thread =
              (Thread)
                  Thread.class
                      .getMethod("startVirtualThread", Runnable.class)
                      .invoke(
                          null,
                          (Runnable)
                              () -> {
                                try {
                                  context.getBean(Orders.class).place("o1", true);
                                } catch (RuntimeException e) {
                                  failure[0] = e;
                                }
                              });
          thread.join();
          assertThat(failure[0]).isInstanceOf(Refused.class);
          assertThat(orders(context).exists("o1")).isFalse();
          assertThat(rows(context)).isZero();
        });
  }
}
