package io.howdah.spring.job;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** Has {@link JobHandler} methods do jobs. */
@AutoConfiguration(after = HowdahAutoConfiguration.class)
@ConditionalOnBean(Howdah.class)
@ConditionalOnBooleanProperty(name = "howdah.job.enabled", matchIfMissing = true)
@EnableConfigurationProperties(JobProperties.class)
public final class HowdahJobAutoConfiguration {
  @Bean
  @ConditionalOnMissingBean
  JobWorkers howdahJobWorkers(
      ConfigurableListableBeanFactory beans,
      ObjectProvider<JobProperties> properties,
      Environment environment) {
    return new JobWorkers(beans, properties, Threading.VIRTUAL.isActive(environment));
  }
}
