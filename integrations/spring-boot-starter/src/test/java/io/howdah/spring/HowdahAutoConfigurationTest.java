package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.channel.Channels;
import io.howdah.flag.Flags;
import io.howdah.kv.KeyValueStore;
import io.howdah.preference.Preferences;
import io.howdah.session.Sessions;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TestPostgres;
import io.howdah.token.Tokens;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

class HowdahAutoConfigurationTest {
  private final String schema = TestPostgres.freshSchema(getClass());
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class, HowdahAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(), "howdah.schema=" + schema);

  @AfterEach
  void dropSchemas() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
      statement.execute("DROP SCHEMA IF EXISTS " + schema + "_app CASCADE");
    }
  }

  /** The connections of the application's pool. */
  private static int pooled(DataSource dataSource) throws SQLException {
    return Objects.requireNonNull(
            dataSource.unwrap(HikariDataSource.class).getHikariPoolMXBean(), "no pool yet")
        .getTotalConnections();
  }

  @Test
  void opensOnTheDataSourceOfTheApplication() {
    application.run(context -> {
      Howdah howdah = context.getBean(Howdah.class);
      howdah.kv("default", String.class).set("k", "v");
      assertThat(howdah.kv("default", String.class).get("k")).hasValue("v");
      assertThat(context).hasSingleBean(Flags.class);
      assertThat(context).hasSingleBean(Sessions.class);
      assertThat(context).hasSingleBean(Tokens.class);
      assertThat(context).hasSingleBean(Preferences.class);
      assertThat(context).hasSingleBean(Channels.class);
    });
  }

  @Test
  void isClosedWithTheApplication() {
    Howdah[] kept = new Howdah[1];
    application.run(context -> kept[0] = context.getBean(Howdah.class));
    assertThat(kept[0].health().up()).isFalse();
    assertThatThrownBy(() -> kept[0].kv(String.class).get("k"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void isOffWhereItIsSwitchedOffOrThereIsNoSingleDataSource() {
    application
        .withPropertyValues("howdah.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(Howdah.class));
    application
        .withBean("one", DataSource.class, TestPostgres::dataSource)
        .withBean("two", DataSource.class, TestPostgres::dataSource)
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Howdah.class));
  }

  @Test
  void ownBeansComeFirst() {
    try (Howdah own = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open()) {
      application
          .withBean(Howdah.class, () -> own, definition -> definition.setDestroyMethodName(""))
          .run(context -> assertThat(context.getBean(Howdah.class)).isSameAs(own));
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoCustomizers {
    @Bean
    @Order(2)
    HowdahCustomizer second() {
      return builder -> builder.maxValueBytes(10);
    }

    @Bean
    @Order(1)
    HowdahCustomizer first() {
      return builder -> builder.maxValueBytes(1_000);
    }
  }

  @Test
  void customizersComeAfterThePropertiesAndInTheirOrder() {
    application
        .withPropertyValues("howdah.max-value-size=20B")
        .withUserConfiguration(TwoCustomizers.class)
        .run(context ->
            assertThatThrownBy(
                    () -> context.getBean(Howdah.class).kv(byte[].class).set("k", new byte[11]))
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessageContaining("10"));
  }

  @Test
  void propertiesReachTheBuilder() {
    application
        .withPropertyValues("howdah.max-value-size=20B")
        .run(context -> {
          KeyValueStore<byte[]> store = context.getBean(Howdah.class).kv(byte[].class);
          store.set("k", new byte[20]);
          assertThatThrownBy(() -> store.set("k", new byte[21]))
              .isInstanceOf(InvalidArgumentException.class);
        });
    application
        .withPropertyValues("howdah.lanes=33")
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidArgumentException.class)
                .hasMessage("lanes: 1 to 32 expected, got 33"));
  }

  @Test
  void lanesTakeNoConnectionOfThePoolBehindSpringsProxies() {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(TestPostgres.url());
    pool.setMaximumPoolSize(1);
    try (pool) {
      for (DataSource proxy :
          new DataSource[] {
            new LazyConnectionDataSourceProxy(pool),
            new TransactionAwareDataSourceProxy(pool),
            new TransactionAwareDataSourceProxy(new LazyConnectionDataSourceProxy(pool))
          }) {
        application
            .withBean(
                DataSource.class, () -> proxy, definition -> definition.setDestroyMethodName(""))
            .run(context -> {
              try (Connection all = pool.getConnection()) {
                KeyValueStore<Integer> store = context.getBean(Howdah.class).kv(Integer.class);
                store.set("k", 1);
                assertThat(store.get("k")).hasValue(1);
                assertThat(all.isValid(1)).isTrue();
              }
              assertThat(pooled(proxy)).isEqualTo(1);
            });
      }
    }
  }

  record Money(long cents) {}

  static final class MoneyAsText extends StdSerializer<Money> {
    MoneyAsText() {
      super(Money.class);
    }

    @Override
    public void serialize(Money money, JsonGenerator json, SerializationContext context) {
      json.writeString(money.cents() + " cents");
    }
  }

  @Test
  void valuesAreMadeByTheMapperOfTheApplication() {
    application
        .withConfiguration(AutoConfigurations.of(JacksonAutoConfiguration.class))
        .withBean(
            JacksonModule.class,
            () -> new SimpleModule().addSerializer(Money.class, new MoneyAsText()))
        .run(context -> {
          Howdah howdah = context.getBean(Howdah.class);
          howdah.kv("money", Money.class).set("k", new Money(12));
          assertThat(howdah.kv("money", String.class).get("k")).hasValue("12 cents");
        });
  }

  @Test
  void stagesAreCompletedByThreadsThatSeeTheClassesOfTheApplication() {
    application.run(context -> {
      Thread thread = completing(context.getBean(Howdah.class));
      assertThat(thread.getName()).startsWith("howdah-async-");
      assertThat(thread.getContextClassLoader()).isSameAs(context.getClassLoader());
    });
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void stagesAreCompletedByVirtualThreadsWhereTheApplicationWantsThem() {
    application
        .withPropertyValues("spring.threads.virtual.enabled=true")
        .run(context ->
            assertThat(completing(context.getBean(Howdah.class)).toString())
                .contains("VirtualThread"));
  }

  private static Thread completing(Howdah howdah) {
    return howdah
        .kv(String.class)
        .async()
        .get("absent")
        .thenApply(value -> Thread.currentThread())
        .toCompletableFuture()
        .join();
  }

  @Test
  void applicationKeepsItsTaskExecutor() {
    application
        .withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
        .run(context -> assertThat(context).hasSingleBean(Executor.class));
  }

  @Test
  void opensAfterTheMigrationsOfTheApplication() {
    application
        .withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
        .withPropertyValues(
            "spring.flyway.locations=classpath:io/howdah/spring/flyway",
            "spring.flyway.schemas=" + schema + "_app",
            "spring.flyway.placeholders.howdah=" + schema,
            "howdah.schema-mode=validate")
        .run(context ->
            // What a migration of the application does, Howdah finds: here, a schema that is none.
            assertThat(context)
                .getFailure()
                .isInstanceOfSatisfying(
                    HowdahException.class,
                    e -> assertThat(e).hasMessageContaining("has version 0")));
  }

  @Tag("full")
  @Test
  void startsWithoutItsDatabaseWhereItMay() {
    try (PrivatePostgres postgres = PrivatePostgres.create()) {
      postgres.stop();
      ApplicationContextRunner away =
          application.withPropertyValues("spring.datasource.url=" + postgres.url());
      away.run(context ->
          assertThat(context)
              .getFailure()
              .rootCause()
              .isInstanceOf(java.net.ConnectException.class));
      away.withPropertyValues("howdah.start=lazy")
          .run(context -> {
            assertThat(context).hasNotFailed();
            KeyValueStore<String> store = context.getBean(Howdah.class).kv(String.class);
            assertThatThrownBy(() -> store.get("k"))
                .isInstanceOfSatisfying(
                    HowdahException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
            postgres.start();
            store.set("k", "v");
            assertThat(store.get("k")).hasValue("v");
          });
    }
  }
}
