package io.howdah.test.spring;

import io.howdah.test.HowdahPostgres;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Has Boot's DataSource lead to a database of this context's own. */
@Configuration(proxyBeanMethods = false)
class HowdahConnectionConfiguration {
  @Bean
  HowdahPostgres howdahPostgres() {
    return HowdahPostgres.shared().newDatabase();
  }

  @Bean
  JdbcConnectionDetails howdahConnectionDetails(HowdahPostgres postgres) {
    return new JdbcConnectionDetails() {
      @Override
      public @Nullable String getUsername() {
        return postgres.user();
      }

      @Override
      public @Nullable String getPassword() {
        return postgres.password();
      }

      @Override
      public String getJdbcUrl() {
        return postgres.jdbcUrl();
      }
    };
  }
}
