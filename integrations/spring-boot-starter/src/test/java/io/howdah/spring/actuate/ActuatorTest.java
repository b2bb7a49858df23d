package io.howdah.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.flag.FlagDefinition;
import io.howdah.schema.Migrator;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.test.HowdahTesting;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.info.InfoContributorAutoConfiguration;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ActuatorTest {
  private final String schema = TestPostgres.freshSchema(getClass());
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  InfoContributorAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahActuatorAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "howdah.schema=" + schema,
              "howdah.sweeper=false",
              "management.endpoints.web.exposure.include=howdah");

  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
  }

  private static Health health(HealthIndicator indicator) {
    return Objects.requireNonNull(indicator.health());
  }

  @Test
  void nameThatNoFlagCanHaveIsABadRequest() {
    application.run(context ->
        assertThatThrownBy(() -> context.getBean(HowdahEndpoint.class).history("a:b"))
            .isInstanceOf(InvalidEndpointRequestException.class)
            .hasMessageContaining("name"));
  }

  @Test
  void infoIsAboutTheHowdahThatThereIs() {
    try (Howdah own = Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open()) {
      application
          .withPropertyValues("howdah.schema=another")
          .withBean(Howdah.class, () -> own, definition -> definition.setDestroyMethodName(""))
          .run(context -> {
            Info.Builder builder = new Info.Builder();
            context.getBean("howdahInfoContributor", InfoContributor.class).contribute(builder);
            assertThat(builder.build().getDetails().get("howdah"))
                .isInstanceOfSatisfying(
                    Map.class, howdah -> assertThat(howdah.get("schema")).isEqualTo(schema));
          });
    }
  }

  @Test
  void healthSaysHowItListensWhatWasLostAndWhatIsToBeSwept() {
    application.run(context -> {
      Health health = health(context.getBean(HealthIndicator.class));
      assertThat(health.getStatus()).isEqualTo(Status.UP);
      assertThat(health.getDetails())
          .containsEntry("degraded", Map.of())
          .containsEntry("listening", "idle")
          .containsEntry("wipes", 0L)
          .containsEntry("sweepBacklogSeconds", 0L)
          .containsKey("notificationQueueUsage");
    });
  }

  @Test
  @SuppressWarnings("unchecked")
  void degradedIsUpWithItsReason() {
    application.run(context -> {
      Howdah howdah = context.getBean(Howdah.class);
      while (!howdah.sweep().isDone()) {
        Thread.onSpinWait();
      }
      HowdahTesting.of(howdah).advance(Duration.ofHours(3));
      Health health = health(context.getBean(HealthIndicator.class));
      assertThat(health.getStatus()).isEqualTo(Status.UP);
      assertThat((Map<String, String>) health.getDetails().get("degraded"))
          .containsKey("not_swept");
    });
  }

  @Tag("full")
  @Test
  @SuppressWarnings("unchecked")
  void databaseThatIsAwayIsDown() {
    try (PrivatePostgres postgres = PrivatePostgres.create()) {
      application
          .withPropertyValues("spring.datasource.url=" + postgres.url())
          .run(context -> {
            HealthIndicator indicator = context.getBean(HealthIndicator.class);
            assertThat(health(indicator).getStatus()).isEqualTo(Status.UP);
            postgres.stopImmediately();
            Health health = health(indicator);
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat((Map<String, String>) health.getDetails().get("degraded"))
                .containsKey("unreachable");
            postgres.start();
            assertThat(health(indicator).getStatus()).isEqualTo(Status.UP);
          });
    }
  }

  @Test
  void infoNamesLibraryAndSchema() {
    application.run(context -> {
      Info.Builder builder = new Info.Builder();
      context
          .getBeansOfType(InfoContributor.class)
          .values()
          .forEach(one -> one.contribute(builder));
      assertThat(builder.build().get("howdah", Map.class))
          .containsEntry("schema", schema)
          .containsEntry("schemaVersion", Migrator.VERSION)
          .containsKey("version");
    });
  }

  @Test
  void endpointListsNamespacesAndFlagsAndTheChangesOfOne() throws Exception {
    application.run(context -> {
      Howdah howdah = context.getBean(Howdah.class);
      howdah.namespaces().create("carts", Durability.DURABLE);
      howdah.kv("loose", String.class).set("secret-key", "secret value");
      howdah
          .flags()
          .set(
              "new-checkout",
              FlagDefinition.builder().enabled(true).rolloutPercentage(25).build(),
              "ann",
              "to see");
      HowdahEndpoint endpoint = context.getBean(HowdahEndpoint.class);
      HowdahEndpoint.Overview overview = endpoint.overview();
      assertThat(overview.toString()).doesNotContain("secret");
      assertThat(overview.namespaces())
          .extracting(
              HowdahEndpoint.NamespaceView::name,
              HowdahEndpoint.NamespaceView::registered,
              HowdahEndpoint.NamespaceView::durability)
          .contains(
              org.assertj.core.groups.Tuple.tuple("carts", true, "durable"),
              org.assertj.core.groups.Tuple.tuple("loose", false, "ephemeral"));
      assertThat(overview.flags())
          .singleElement()
          .satisfies(flag -> {
            assertThat(flag.name()).isEqualTo("new-checkout");
            assertThat(flag.enabled()).isTrue();
            assertThat(flag.updatedBy()).isEqualTo("ann");
            assertThat(flag.definition().toString()).contains("25");
          });
      List<HowdahEndpoint.ChangeView> changes =
          Objects.requireNonNull(endpoint.history("new-checkout"));
      assertThat(changes)
          .singleElement()
          .satisfies(change -> {
            assertThat(change.reason()).isEqualTo("to see");
            assertThat(change.before()).isNull();
          });
      assertThat(endpoint.history("no-such-flag")).isNull();
    });
    // The part of the path after the endpoint's name is told apart by it.
    assertThat(
            HowdahEndpoint.class
                .getMethod("history", String.class)
                .getParameters()[0]
                .isNamePresent())
        .isTrue();
  }

  @Test
  void eachPartCanBeSwitchedOff() {
    application
        .withPropertyValues(
            "management.health.howdah.enabled=false",
            "management.info.howdah.enabled=false",
            "management.endpoint.howdah.access=NONE")
        .run(context ->
            assertThat(context)
                .doesNotHaveBean("howdahHealthIndicator")
                .doesNotHaveBean("howdahInfoContributor")
                .doesNotHaveBean(HowdahEndpoint.class));
    application
        .withPropertyValues("howdah.enabled=false")
        .run(
            context -> assertThat(context).hasNotFailed().doesNotHaveBean("howdahHealthIndicator"));
  }

  @Test
  void applicationWithoutActuatorAndMetersStarts() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                DataSourceAutoConfiguration.class,
                HowdahAutoConfiguration.class,
                HowdahActuatorAutoConfiguration.class))
        .withPropertyValues(
            "spring.datasource.url=" + TestPostgres.url(), "howdah.schema=" + schema)
        .withClassLoader(
            new FilteredClassLoader(
                "org.springframework.boot.actuate",
                "org.springframework.boot.health",
                "io.micrometer"))
        .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Howdah.class));
  }
}
