package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The transactions of JPA, with Hibernate. */
@Tag("full")
class JpaTransactionsTest extends JoinedTransactionsContract {
  @Entity
  @Table(name = "orders")
  static class Order {
    @Id String id = "";
  }

  @Configuration(proxyBeanMethods = false)
  @EntityScan(basePackageClasses = JpaTransactionsTest.class)
  static class Entities {}

  @Override
  protected ApplicationContextRunner configure(ApplicationContextRunner application) {
    return application
        .withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
        .withUserConfiguration(Entities.class);
  }

  @Test
  void entitiesRowsAndCallsAreOneTransaction() {
    application()
        .run(context -> {
          PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
          assertThat(manager).isInstanceOf(JpaTransactionManager.class);
          Howdah howdah = context.getBean(Howdah.class);
          JdbcClient jdbc = context.getBean(JdbcClient.class);
          EntityManager entities =
              SharedEntityManagerCreator.createSharedEntityManager(
                  context.getBean(jakarta.persistence.EntityManagerFactory.class));
          for (boolean commit : new boolean[] {false, true}) {
            new TransactionTemplate(manager)
                .executeWithoutResult(status -> {
                  Order order = new Order();
                  order.id = "by-jpa";
                  entities.persist(order);
                  entities.flush();
                  jdbc.sql("INSERT INTO orders VALUES ('by-jdbc')").update();
                  howdah.kv("orders", String.class).set("o1", "placed");
                  assertThat(jdbc.sql("SELECT count(*) FROM orders").query(Integer.class).single())
                      .isEqualTo(2);
                  if (!commit) {
                    status.setRollbackOnly();
                  }
                });
            assertThat(howdah.kv("orders", String.class).exists("o1")).isEqualTo(commit);
            assertThat(jdbc.sql("SELECT count(*) FROM orders").query(Integer.class).single())
                .isEqualTo(commit ? 2 : 0);
          }
        });
  }
}
