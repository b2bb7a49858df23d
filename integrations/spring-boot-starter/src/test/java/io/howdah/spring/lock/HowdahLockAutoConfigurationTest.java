package io.howdah.spring.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.lock.LockInfo;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import net.javacrumbs.shedlock.core.LockAssert;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.support.locks.DefaultLockRegistry;
import org.springframework.integration.support.locks.LockRegistry;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

class HowdahLockAutoConfigurationTest {
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahLockAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "howdah.schema=" + TestPostgres.freshSchema(getClass()),
              "howdah.lock.prefix=shop:");

  @Configuration
  @EnableScheduling
  @EnableSchedulerLock(defaultLockAtMostFor = "10m")
  static class Scheduling {
    private final AtomicInteger runs = new AtomicInteger();

    int runs() {
      return runs.get();
    }

    @Scheduled(fixedDelay = 10)
    @SchedulerLock(name = "nightly", lockAtLeastFor = "5m")
    void nightly() {
      LockAssert.assertLocked();
      runs.incrementAndGet();
    }
  }

  @Test
  void scheduledTaskRunsInOneProcess() {
    application
        .withUserConfiguration(Scheduling.class)
        .run(one ->
            application
                .withUserConfiguration(Scheduling.class)
                .run(two -> {
                  Scheduling here = one.getBean(Scheduling.class);
                  Scheduling there = two.getBean(Scheduling.class);
                  Eventually.holds("one has run", () -> here.runs() + there.runs() > 0);
                  assertThat(here.runs() + there.runs()).isEqualTo(1);
                  assertThat(one.getBean(Howdah.class).locks().list())
                      .extracting(LockInfo::name)
                      .containsExactly("shop:nightly");
                }));
  }

  @Configuration
  static class Own {
    @Bean
    LockProvider lockProvider() {
      return configuration -> Optional.empty();
    }

    @Bean
    LockRegistry<?> lockRegistry() {
      return new DefaultLockRegistry();
    }
  }

  @Test
  void beansOfTheApplicationComeFirst() {
    application
        .withUserConfiguration(Own.class)
        .run(context -> {
          assertThat(context).hasSingleBean(LockProvider.class).hasSingleBean(LockRegistry.class);
          assertThat(context).doesNotHaveBean(HowdahLockProvider.class);
          assertThat(context).doesNotHaveBean(HowdahLockRegistry.class);
        });
  }

  @Test
  void canBeSwitchedOff() {
    application
        .withPropertyValues("howdah.lock.enabled=false")
        .run(context -> {
          assertThat(context).doesNotHaveBean(LockProvider.class);
          assertThat(context).doesNotHaveBean(LockRegistry.class);
        });
  }

  @Test
  void needsNeitherLibrary() {
    application
        .withClassLoader(new FilteredClassLoader(LockProvider.class, LockRegistry.class))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Howdah.class));
  }
}
