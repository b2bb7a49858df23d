package io.howdah.spring.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.ratelimit.Decision;
import io.howdah.spring.Applications;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Limits of methods. A day is so long that nothing flows in while a test runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class RateLimitedTest {
  record User(String id) {}

  interface Greeter {
    String greet(String name);
  }

  static class Shop implements Greeter {
    @RateLimited(limit = "2/1d", key = "#user.id")
    public String checkout(User user) {
      return "done";
    }

    @RateLimited(name = "all-callers", limit = "${shop.limit}")
    public String browse() {
      return "done";
    }

    @RateLimited(name = "wide", limit = "10/1d", key = "#p0")
    @RateLimited(name = "narrow", limit = "3/1d", key = "#p0")
    public String search(String user) {
      return "done";
    }

    @RateLimited(limit = "10/1d", cost = 4)
    public String export() {
      return "done";
    }

    @Transactional
    @RateLimited(limit = "1/1d", key = "#user")
    public boolean order(String user) {
      return TransactionSynchronizationManager.isActualTransactionActive();
    }

    @Override
    @RateLimited(limit = "1/1d", key = "@prefix + #name")
    public String greet(String name) {
      return "hello " + name;
    }
  }

  @RateLimited(limit = "1/1d")
  static class Everything {
    public String first() {
      return "done";
    }

    public String second() {
      return "done";
    }

    @RateLimited(limit = "2/1d")
    public String third() {
      return "done";
    }
  }

  interface Promised {
    @RateLimited(name = "promised", limit = "1/1d")
    String promised();
  }

  abstract static class Base {
    @RateLimited(name = "inherited", limit = "1/1d")
    public String inherited() {
      return "done";
    }
  }

  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.METHOD)
  @RateLimited(name = "once", limit = "1/1d")
  @interface OnceADay {}

  /** Has no annotation of the starter's itself. */
  static class Indirect extends Base implements Promised {
    @Override
    public String promised() {
      return "done";
    }
  }

  static class Composed {
    @OnceADay
    public String once() {
      return "done";
    }
  }

  @Configuration
  @EnableAutoConfiguration
  static class Application {
    @Bean
    Indirect indirect() {
      return new Indirect();
    }

    @Bean
    Composed composed() {
      return new Composed();
    }

    @Bean
    Shop shop() {
      return new Shop();
    }

    @Bean
    Everything everything() {
      return new Everything();
    }

    @Bean
    String prefix() {
      return "p-";
    }
  }

  private final String schema = TestPostgres.freshSchema(getClass());
  private ConfigurableApplicationContext one;
  private ConfigurableApplicationContext two;

  private ConfigurableApplicationContext start(String... more) {
    String[] properties = new String[more.length + 3];
    properties[0] = "shop.limit=100/1d";
    // One connection: whoever needs a second one waits in vain.
    properties[1] = "spring.datasource.hikari.maximum-pool-size=1";
    // Where a machine is slow, nothing is allowed for it.
    properties[2] = "howdah.rate-limit.patience=30s";
    System.arraycopy(more, 0, properties, 3, more.length);
    return Applications.start(schema, Application.class, properties);
  }

  @BeforeAll
  void startCluster() {
    one = start("spring.datasource.hikari.connection-timeout=2000");
    two = start();
  }

  @AfterAll
  void stopCluster() {
    one.close();
    two.close();
  }

  private static void assertDenied(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(RateLimitedException.class);
  }

  @Test
  void callsAreCountedByKeyInTheWholeCluster() {
    Shop here = one.getBean(Shop.class);
    Shop there = two.getBean(Shop.class);
    assertThat(here.checkout(new User("ann"))).isEqualTo("done");
    assertThat(there.checkout(new User("ann"))).isEqualTo("done");
    assertThatExceptionOfType(RateLimitedException.class)
        .isThrownBy(() -> here.checkout(new User("ann")))
        .satisfies(e -> {
          assertThat(e.name()).isEqualTo("Shop.checkout");
          assertThat(e.decision().retryAfter()).isPositive();
          assertThat(e.limit().maxCalls()).isEqualTo(2);
          assertThat(e).hasMessageContaining("Shop.checkout").hasMessageNotContaining("ann");
        });
    assertDenied(() -> there.checkout(new User("ann")));
    assertThat(here.checkout(new User("bob"))).isEqualTo("done");
  }

  @Test
  void withoutAKeyAllCallersShareALimitWhichMayBeAProperty() {
    List<Integer> allowed =
        Threads.run(
            8,
            thread -> {
              Shop shop = (thread % 2 == 0 ? one : two).getBean(Shop.class);
              int count = 0;
              for (int i = 0; i < 20; i++) {
                try {
                  assertThat(shop.browse()).isEqualTo("done");
                  count++;
                } catch (RateLimitedException e) {
                  assertThat(e.name()).isEqualTo("all-callers");
                }
              }
              return count;
            });
    assertThat(allowed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100);
  }

  @Test
  void severalLimitsAreAllOrNone() {
    Shop shop = one.getBean(Shop.class);
    for (int i = 0; i < 3; i++) {
      assertThat(shop.search("carl")).isEqualTo("done");
    }
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(RateLimitedException.class)
          .isThrownBy(() -> shop.search("carl"))
          .satisfies(e -> assertThat(e.name()).isEqualTo("narrow"));
    }
    // What the narrow one denied, the wide one has not counted.
    long left =
        one.getBean(Howdah.class)
            .rateLimiter("wide", io.howdah.ratelimit.RateLimit.perDay(10))
            .peek("carl")
            .orElseThrow()
            .remaining();
    assertThat(left).isEqualTo(7);
  }

  @Test
  void callMayCostMore() {
    Shop shop = one.getBean(Shop.class);
    assertThat(shop.export()).isEqualTo("done");
    assertThat(shop.export()).isEqualTo("done");
    assertDenied(shop::export);
  }

  @Test
  void limitOfAClassIsEachMethodsOwnUnlessItHasAnother() {
    Everything bean = one.getBean(Everything.class);
    assertThat(bean.first()).isEqualTo("done");
    assertThat(bean.second()).isEqualTo("done");
    assertDenied(bean::first);
    assertDenied(bean::second);
    assertThat(bean.third()).isEqualTo("done");
    assertThat(bean.third()).isEqualTo("done");
    assertDenied(bean::third);
  }

  @Test
  void annotationMayBeAboveOrInAnother() {
    Indirect indirect = one.getBean(Indirect.class);
    assertThat(indirect.promised()).isEqualTo("done");
    assertDenied(indirect::promised);
    assertThat(indirect.inherited()).isEqualTo("done");
    assertDenied(indirect::inherited);
    Composed composed = one.getBean(Composed.class);
    assertThat(composed.once()).isEqualTo("done");
    assertDenied(composed::once);
  }

  @Test
  void keyMayNameBeans() {
    Greeter greeter = one.getBean(Greeter.class);
    assertThat(greeter.greet("dora")).isEqualTo("hello dora");
    assertDenied(() -> greeter.greet("dora"));
    assertThat(
            one.getBean(Howdah.class)
                .rateLimiter("Shop.greet", io.howdah.ratelimit.RateLimit.perDay(1))
                .peek("p-dora"))
        .isPresent();
  }

  @Test
  void keyMustNotBeNull() {
    assertThatThrownBy(() -> one.getBean(Shop.class).checkout(new User(null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Shop.checkout: the key #user.id is null");
  }

  /** The only connection of the pool is taken: a denied call does not ask for it. */
  @Test
  void limiterRunsBeforeTheTransaction() throws Exception {
    Shop shop = one.getBean(Shop.class);
    assertThat(shop.order("eva")).isTrue();
    try (Connection taken = one.getBean(DataSource.class).getConnection()) {
      assertThat(taken.isValid(5)).isTrue();
      assertDenied(() -> shop.order("eva"));
      // One that is allowed does.
      assertThatThrownBy(() -> shop.order("fred"))
          .isInstanceOf(org.springframework.transaction.CannotCreateTransactionException.class);
    }
  }

  static class Wrong {
    @RateLimited(limit = "ten a minute")
    public void call() {}
  }

  static class WrongExpression {
    @RateLimited(limit = "1/1m", key = "#user.")
    public void call() {}
  }

  @Configuration
  @EnableAutoConfiguration
  static class WrongApplication {
    @Bean
    Wrong wrong() {
      return new Wrong();
    }
  }

  @Configuration
  @EnableAutoConfiguration
  static class WrongExpressionApplication {
    @Bean
    WrongExpression wrong() {
      return new WrongExpression();
    }
  }

  @Test
  void mistakeEndsTheStart() {
    assertThatThrownBy(() -> Applications.start(schema, WrongApplication.class))
        .hasStackTraceContaining("Wrong.call: limit: calls/period expected");
    assertThatThrownBy(() -> Applications.start(schema, WrongExpressionApplication.class))
        .hasStackTraceContaining("@RateLimited on")
        .hasStackTraceContaining("WrongExpression.call");
  }

  @Test
  void canBeSwitchedOff() {
    try (ConfigurableApplicationContext off = start("howdah.rate-limit.enabled=false")) {
      Shop shop = off.getBean(Shop.class);
      for (int i = 0; i < 5; i++) {
        assertThat(shop.checkout(new User("gus"))).isEqualTo("done");
      }
    }
  }

  /** A lock on the table: the database gives no answer. */
  @Tag("full")
  @Test
  void whatHappensWithoutAnAnswerIsAProperty() throws Exception {
    try (ConfigurableApplicationContext allowing = start("howdah.rate-limit.patience=50ms");
        ConfigurableApplicationContext denying =
            start("howdah.rate-limit.on-failure=deny", "howdah.rate-limit.patience=50ms");
        ConfigurableApplicationContext throwing = start("howdah.rate-limit.on-failure=throw");
        Connection connection = TestPostgres.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        statement.execute("LOCK TABLE " + schema + ".rate_limit IN ACCESS EXCLUSIVE MODE");
      }
      assertThat(allowing.getBean(Shop.class).checkout(new User("hal"))).isEqualTo("done");
      assertThatExceptionOfType(RateLimitedException.class)
          .isThrownBy(() -> denying.getBean(Shop.class).checkout(new User("hal")))
          .satisfies(e -> {
            assertThat(e.decision().source()).isEqualTo(Decision.Source.UNAVAILABLE);
            assertThat(e.decision().retryAfter()).isEqualTo(Duration.ofMillis(50));
          });
      assertThatThrownBy(() -> throwing.getBean(Shop.class).checkout(new User("hal")))
          .isInstanceOf(io.howdah.HowdahException.class);
      connection.rollback();
    }
  }
}
