package io.howdah.spring;

import io.howdah.Howdah;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** A {@link Howdah} on the application's own data source. */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnSingleCandidate(DataSource.class)
@EnableConfigurationProperties(HowdahProperties.class)
public final class HowdahAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  Howdah howdah(DataSource dataSource, HowdahProperties properties) {
    return Howdah.builder(dataSource).schema(properties.schema()).open();
  }
}
