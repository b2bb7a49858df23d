package io.howdah.spring.lock;

import io.howdah.Howdah;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.spring.PropertyLimits;
import net.javacrumbs.shedlock.core.LockProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.integration.support.locks.LockRegistry;

/** Locks of ShedLock and of Spring Integration, where they are on the class path. */
@AutoConfiguration(after = HowdahAutoConfiguration.class)
@ConditionalOnBean(Howdah.class)
@ConditionalOnBooleanProperty(name = "howdah.lock.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LockProperties.class)
public final class HowdahLockAutoConfiguration {

  // Lazy, as the one below: who does not use them need not wait for them at the start.
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(LockProvider.class)
  static final class ShedLock {
    @Bean
    @Lazy
    @ConditionalOnMissingBean(LockProvider.class)
    HowdahLockProvider howdahLockProvider(Howdah howdah, LockProperties properties) {
      return new HowdahLockProvider(howdah.locks(), properties.prefix());
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(LockRegistry.class)
  static final class SpringIntegration {
    @Bean
    @Lazy
    @ConditionalOnMissingBean(LockRegistry.class)
    HowdahLockRegistry howdahLockRegistry(Howdah howdah, LockProperties properties) {
      PropertyLimits.check(
          "howdah.lock.ttl",
          properties.ttl(),
          HowdahLockRegistry.SHORTEST,
          HowdahLockRegistry.LONGEST);
      return new HowdahLockRegistry(howdah.locks(), properties.prefix(), properties.ttl());
    }
  }
}
