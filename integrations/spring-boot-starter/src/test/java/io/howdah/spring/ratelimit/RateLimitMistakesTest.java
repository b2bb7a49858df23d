package io.howdah.spring.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/** What is wrong with a rule ends the start, and Boot says which property it is. */
class RateLimitMistakesTest {
  private final WebApplicationContextRunner application =
      new WebApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahRateLimitAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "howdah.schema=" + TestPostgres.freshSchema(getClass()));

  private void assertMistake(String property, String reason, String... rules) {
    String[] properties = new String[rules.length];
    for (int i = 0; i < rules.length; i++) {
      properties[i] = "howdah.rate-limit.rules" + rules[i];
    }
    application
        .withPropertyValues(properties)
        .run(context ->
            assertThat(context)
                .getFailure()
                .satisfies(failure -> {
                  Throwable cause = failure;
                  while (!(cause instanceof InvalidConfigurationPropertyValueException)
                      && cause.getCause() != null) {
                    cause = cause.getCause();
                  }
                  assertThat(cause)
                      .isInstanceOfSatisfying(
                          InvalidConfigurationPropertyValueException.class,
                          e -> {
                            assertThat(e.getName()).isEqualTo("howdah.rate-limit.rules" + property);
                            assertThat(e.getReason()).contains(reason);
                          });
                }));
  }

  @Test
  void mistakesOfRulesEndTheStart() {
    assertMistake("[0].limit", "calls/period expected", "[0].path=/x", "[0].limit=many");
    assertMistake("[0].limit", "one for each period", "[0].path=/x", "[0].limit=10/1m, 20/1m");
    assertMistake("[0].limit", "got none", "[0].path=/x");
    assertMistake("[0].path", "got none", "[0].limit=1/1s");
    assertMistake("[0].path", "{a", "[0].path=/{a", "[0].limit=1/1s");
    assertMistake(
        "[0].key",
        "ip, principal, header:NAME",
        "[0].path=/x",
        "[0].limit=1/1s",
        "[0].key=principle");
    assertMistake("[0].key", "", "[0].path=/x", "[0].limit=1/1s", "[0].key=#request.");
    assertMistake(
        "[0].after-login",
        "true expected",
        "[0].path=/x",
        "[0].limit=1/1s",
        "[0].key=principal",
        "[0].after-login=false");
    assertMistake(
        "[1].name",
        "another one for each rule",
        "[0].path=/x",
        "[0].limit=1/1s",
        "[1].path=/x",
        "[1].limit=2/1m");
  }
}
