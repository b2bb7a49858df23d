package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class HowdahAutoConfigurationTest {
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class, HowdahAutoConfiguration.class));

  @Test
  void opensOnTheDataSourceOfTheApplication() {
    application
        .withPropertyValues(
            "spring.datasource.url=" + TestPostgres.url(),
            "howdah.schema=" + TestPostgres.freshSchema(getClass()))
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          howdah.kv("default", String.class).set("k", "v");
          assertThat(howdah.kv("default", String.class).get("k")).hasValue("v");
        });
  }
}
