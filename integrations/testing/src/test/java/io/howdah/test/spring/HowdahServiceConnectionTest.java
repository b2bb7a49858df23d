package io.howdah.test.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.test.HowdahPostgres;
import io.howdah.test.HowdahTesting;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An application that says nothing of a database, or names another one, has one of its own. */
@SpringBootTest(properties = "spring.datasource.url=jdbc:postgresql://nowhere.invalid/app")
@HowdahServiceConnection
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HowdahServiceConnectionTest {
  @Configuration
  @EnableAutoConfiguration
  static class Application {
    @Bean
    Howdah howdah(DataSource dataSource) {
      return Howdah.builder(dataSource).sweeper(false).open();
    }
  }

  @Autowired Howdah howdah;
  @Autowired HowdahTesting testing;
  @Autowired JdbcClient jdbc;
  @Autowired HowdahPostgres postgres;

  @Test
  void dataSourceOfTheApplicationLeadsToADatabaseOfItsOwn() {
    assertThat(postgres.jdbcUrl())
        .contains(jdbc.sql("SELECT current_database()").query(String.class).single());
    howdah.kv("n", String.class).set("k", "v", Duration.ofMinutes(10));
    assertThat(jdbc.sql("SELECT howdah.kv_get('n', 'k')::text").query(String.class).single())
        .isEqualTo("\"v\"");
    testing.advance(Duration.ofMinutes(11));
    assertThat(howdah.kv("n", String.class).get("k")).isEmpty();
  }

  @Test
  @Order(1)
  void callsFailAsTheTestSays() {
    testing.failNext(2, ErrorCode.UNAVAILABLE);
    assertThatThrownBy(() -> howdah.kv("n", String.class).get("k"))
        .isInstanceOf(HowdahException.class);
  }

  @Test
  @Order(2)
  void andNoMoreInTheNextTest() {
    assertThat(testing.failuresLeft()).isZero();
    assertThat(howdah.kv("n", String.class).get("k")).isEmpty();
  }

  @Configuration
  @HowdahServiceConnection
  static class TestDatabase {}

  @Test
  void eachContextHasADatabaseThatIsDroppedWithIt() {
    HowdahPostgres used;
    try (ConfigurableApplicationContext other =
        new SpringApplicationBuilder(Application.class, TestDatabase.class).run()) {
      used = other.getBean(HowdahPostgres.class);
      assertThat(used.jdbcUrl()).isNotEqualTo(postgres.jdbcUrl());
      other.getBean(Howdah.class).kv("n", String.class).set("k", "v");
    }
    assertThatThrownBy(() -> used.dataSource().getConnection())
        .hasMessageContaining("does not exist");
  }
}
