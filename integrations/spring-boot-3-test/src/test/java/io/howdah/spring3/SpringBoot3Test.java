package io.howdah.spring3;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.TestPostgres;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The page's part on Spring Boot 3.5. */
class SpringBoot3Test {
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {
    @Bean
    Howdah howdah(DataSource dataSource) {
      return Howdah.builder(dataSource).open();
    }
  }

  record Cart(@JsonProperty("who") String owner, int items) {}

  @Test
  void oneBeanMethodIsEnough() {
    assertThat(SpringBootVersion.getVersion()).startsWith("3.5.");
    SpringApplication application = new SpringApplication(Application.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    Howdah howdah;
    try (ConfigurableApplicationContext context =
        application.run("--spring.datasource.url=" + TestPostgres.url())) {
      howdah = context.getBean(Howdah.class);
      KeyValueStore<Cart> carts = howdah.kv("carts", Cart.class);
      carts.set("c1", new Cart("ann", 3));
      assertThat(carts.get("c1")).hasValue(new Cart("ann", 3));
      assertThat(howdah.kv("carts", String.class).exists("c1")).isTrue();
      JdbcClient jdbc = context.getBean(JdbcClient.class);
      assertThat(
              jdbc.sql("SELECT howdah.kv_get('carts', 'c1') ->> 'who'")
                  .query(String.class)
                  .single())
          .isEqualTo("ann");
      // Boot's own Jackson 2 is beside it, undisturbed.
      assertThat(context.getBean(com.fasterxml.jackson.databind.ObjectMapper.class)).isNotNull();
      assertThat(howdah.health().up()).isTrue();
    }
    assertThat(howdah.health().up()).isFalse();
  }
}
