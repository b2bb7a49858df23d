package io.howdah.spring.actuate;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.spring.HowdahCustomizer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Health, info, an endpoint and meters, each where the application has what it needs. */
@AutoConfiguration(after = HowdahAutoConfiguration.class)
@ConditionalOnBean(Howdah.class)
public final class HowdahActuatorAutoConfiguration {
  @Bean
  RecentStats howdahRecentStats(Howdah howdah) {
    return new RecentStats(howdah::stats, Duration.ofSeconds(10));
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ConditionalOnEnabledHealthIndicator.class)
  static final class HealthConfiguration {
    @Bean
    @ConditionalOnEnabledHealthIndicator("howdah")
    @ConditionalOnMissingBean(name = "howdahHealthIndicator")
    HealthIndicator howdahHealthIndicator(Howdah howdah, RecentStats recent) {
      return new HowdahHealthIndicator(howdah, recent);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ConditionalOnEnabledInfoContributor.class)
  static final class InfoConfiguration {
    @Bean
    @ConditionalOnEnabledInfoContributor("howdah")
    @ConditionalOnMissingBean(name = "howdahInfoContributor")
    InfoContributor howdahInfoContributor(Howdah howdah) {
      return new HowdahInfoContributor(howdah.schema());
    }

    @Bean
    @ConditionalOnAvailableEndpoint
    @ConditionalOnMissingBean
    HowdahEndpoint howdahEndpoint(Howdah howdah) {
      return new HowdahEndpoint(howdah);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterRegistry.class)
  static final class MetricsConfiguration {
    @Bean
    EngineMeters howdahEngineMeters() {
      return new EngineMeters();
    }

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    HowdahCustomizer howdahMetricsCustomizer(EngineMeters meters) {
      return builder -> builder.metrics(meters);
    }

    @Bean
    StatsMeters howdahStatsMeters(RecentStats recent) {
      return new StatsMeters(recent);
    }
  }
}
