package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.spring.channel.HowdahChannelAutoConfiguration;
import io.howdah.spring.lock.HowdahLockAutoConfiguration;
import io.howdah.spring.ratelimit.HowdahRateLimitAutoConfiguration;
import io.howdah.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class PropertyLimitsTest {
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahChannelAutoConfiguration.class,
                  HowdahLockAutoConfiguration.class,
                  HowdahRateLimitAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "howdah.schema=" + TestPostgres.freshSchema(getClass()));

  private void assertRefused(String property, String value, String reason) {
    application
        .withPropertyValues(property + "=" + value)
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOfSatisfying(
                    InvalidConfigurationPropertyValueException.class,
                    e -> {
                      assertThat(e.getName()).isEqualTo(property);
                      assertThat(e.getReason()).isEqualTo(reason);
                    }));
  }

  @Test
  void valueOutsideItsLimitsEndsTheStart() {
    application.run(context -> assertThat(context).hasNotFailed());
    assertRefused("howdah.rate-limit.patience", "0", "PT0.001S to PT10M expected");
    assertRefused("howdah.rate-limit.patience", "11m", "PT0.001S to PT10M expected");
    assertRefused("howdah.rate-limit.ipv6-prefix", "0", "1 to 128 expected");
    assertRefused("howdah.rate-limit.ipv6-prefix", "129", "1 to 128 expected");
    assertRefused("howdah.lock.ttl", "29ms", "PT0.03S to PT876000H expected");
    assertRefused("howdah.channel.grace", "0", "PT0.001S to PT24H expected");
    assertRefused("howdah.channel.buffer-messages", "0", "1 to 100000 expected");
  }
}
