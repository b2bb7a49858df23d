package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.spring.channel.ChannelListener;
import io.howdah.spring.channel.ChannelProperties;
import io.howdah.spring.channel.HowdahChannelAutoConfiguration;
import io.howdah.spring.job.HowdahJobAutoConfiguration;
import io.howdah.spring.job.JobHandler;
import io.howdah.spring.job.JobProperties;
import io.howdah.spring.lock.HowdahLockAutoConfiguration;
import io.howdah.spring.lock.LockProperties;
import io.howdah.spring.ratelimit.HowdahRateLimitAutoConfiguration;
import io.howdah.testing.TestPostgres;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.integration.support.locks.LockRegistry;

class PropertyLimitsTest {
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahChannelAutoConfiguration.class,
                  HowdahJobAutoConfiguration.class,
                  HowdahLockAutoConfiguration.class,
                  HowdahRateLimitAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "howdah.schema=" + TestPostgres.freshSchema(getClass()));

  /** Has a use for all of it. */
  static final class User {
    final LockRegistry locks;
    volatile String said = "nothing";

    User(LockRegistry locks) {
      this.locks = locks;
    }

    @ChannelListener("news")
    void hear(String news) {
      said = news;
    }

    @JobHandler("work")
    void work(String work) {
      said = work;
    }
  }

  private void assertRefused(String property, String value, String reason) {
    application
        .withBean(User.class)
        .withPropertyValues(property + "=" + value)
        .run(context ->
            assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
                .isInstanceOfSatisfying(
                    InvalidConfigurationPropertyValueException.class,
                    e -> {
                      assertThat(e.getName()).isEqualTo(property);
                      assertThat(e.getReason()).isEqualTo(reason);
                    }));
  }

  @Test
  void valueOutsideItsLimitsEndsTheStart() {
    application.withBean(User.class).run(context -> assertThat(context).hasNotFailed());
    assertRefused("howdah.rate-limit.patience", "0", "PT0.001S to PT10M expected");
    assertRefused("howdah.rate-limit.patience", "11m", "PT0.001S to PT10M expected");
    assertRefused("howdah.rate-limit.ipv6-prefix", "0", "1 to 128 expected");
    assertRefused("howdah.rate-limit.ipv6-prefix", "129", "1 to 128 expected");
    assertRefused("howdah.lock.ttl", "29ms", "PT0.03S to PT876000H expected");
    assertRefused("howdah.channel.grace", "0", "PT0.001S to PT24H expected");
    assertRefused("howdah.channel.buffer-messages", "0", "1 to 100000 expected");
  }

  /** Before the web server and what else begins with the context would serve. */
  @Test
  void valueThatIsNoneEndsTheStartBeforeAnythingBegins() {
    AtomicBoolean begun = new AtomicBoolean();
    application
        .withBean(User.class)
        .withBean(First.class, () -> new First(begun))
        .withPropertyValues("howdah.job.concurrency=many")
        .run(context -> {
          assertThat(context).hasFailed();
          assertThat(context.getStartupFailure()).hasStackTraceContaining("howdah.job.concurrency");
        });
    assertThat(begun).isFalse();
  }

  /** Begins before the workers do. */
  private static final class First implements SmartLifecycle {
    private final AtomicBoolean begun;

    First(AtomicBoolean begun) {
      this.begun = begun;
    }

    @Override
    public void start() {
      begun.set(true);
    }

    @Override
    public void stop() {}

    @Override
    public boolean isRunning() {
      return false;
    }

    @Override
    public int getPhase() {
      return Integer.MIN_VALUE;
    }
  }

  @Test
  void propertiesThatNobodyUsesAreNotRead() {
    application
        .withPropertyValues(
            "howdah.lock.ttl=29ms", "howdah.channel.grace=0", "howdah.job.concurrency=many")
        .run(context -> {
          assertThat(context).hasNotFailed();
          for (Class<?> type :
              List.of(LockProperties.class, ChannelProperties.class, JobProperties.class)) {
            String[] names = context.getBeanNamesForType(type);
            assertThat(names).hasSize(1);
            assertThat(context.getBeanFactory().containsSingleton(names[0])).isFalse();
          }
        });
  }
}
