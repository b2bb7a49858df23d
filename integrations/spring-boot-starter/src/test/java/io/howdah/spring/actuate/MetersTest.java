package io.howdah.spring.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import io.howdah.spring.HowdahAutoConfiguration;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.TestPostgres;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MetersTest {
  private final String schema = TestPostgres.freshSchema(getClass());
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  MetricsAutoConfiguration.class,
                  CompositeMeterRegistryAutoConfiguration.class,
                  HowdahAutoConfiguration.class,
                  HowdahActuatorAutoConfiguration.class))
          .withBean(
              PrometheusMeterRegistry.class,
              () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(), "howdah.schema=" + schema);

  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
  }

  /** Makes every meter there is: those of tables and near caches come with the first reading. */
  private static void use(Howdah howdah, MeterRegistry registry) {
    howdah.kv("near", String.class).near(NearSettings.defaults()).set("k", "v");
    KeyValueStore<String> store = howdah.kv("near", String.class);
    store.set("k", "v");
    assertThat(store.get("k")).hasValue("v");
    assertThat(registry.get("howdah.up").gauge().value()).isEqualTo(1);
    assertThat(registry.get("howdah.wipes").gauge().value()).isEqualTo(0);
  }

  private static Set<String> names(MeterRegistry registry) {
    return registry.getMeters().stream()
        .map(Meter::getId)
        .map(Meter.Id::getName)
        .filter(name -> name.startsWith("howdah."))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void statementsAndCallsAreCountedByOperation() {
    application.run(context -> {
      MeterRegistry registry = context.getBean(MeterRegistry.class);
      KeyValueStore<String> store = context.getBean(Howdah.class).kv("counted", String.class);
      double before = count(registry, "kv_set");
      store.set("k", "v");
      store.set("k", "w");
      assertThat(count(registry, "kv_set") - before).isEqualTo(2);
      assertThat(registry.get("howdah.statements").tag("operation", "kv_set").timer().count())
          .isBetween(1L, 2L);
      assertThat(registry.get("howdah.batch.size").summary().totalAmount()).isGreaterThan(1);
      assertThat(registry.get("howdah.lanes.connections").counter().count()).isPositive();
    });
  }

  private static double count(MeterRegistry registry, String operation) {
    return registry.find("howdah.calls").tag("operation", operation).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  @Test
  void manyGaugesAreOneReading() {
    application.run(context -> {
      PrometheusMeterRegistry registry = context.getBean(PrometheusMeterRegistry.class);
      for (int i = 0; i < 20; i++) {
        assertThat(registry.scrape()).contains("howdah_up 1.0");
      }
      assertThat(count(registry, "stats")).isBetween(1.0, 3.0);
    });
  }

  @Tag("full")
  @Test
  void gaugesHaveNoValueAndCountersKeepTheirsWhileTheDatabaseIsAway() {
    try (PrivatePostgres postgres = PrivatePostgres.create();
        Howdah howdah = Howdah.open(postgres.url())) {
      MeterRegistry registry = new SimpleMeterRegistry();
      new StatsMeters(new RecentStats(howdah::stats, Duration.ZERO)).bindTo(registry);
      use(howdah, registry);
      assertThat(registry.get("howdah.near.misses").functionCounter().count()).isEqualTo(1);
      assertThat(registry.get("howdah.table.size").tag("table", "kv_ephemeral").gauge().value())
          .isPositive();
      postgres.stopImmediately();
      assertThat(registry.get("howdah.up").gauge().value()).isZero();
      assertThat(registry.get("howdah.wipes").gauge().value()).isNaN();
      assertThat(registry.get("howdah.near.misses").functionCounter().count()).isEqualTo(1);
      postgres.start();
      assertThat(registry.get("howdah.up").gauge().value()).isEqualTo(1);
      // It was a crash: the unlogged tables are empty.
      Eventually.holds(
          "the wipe is counted", () -> registry.get("howdah.wipes").gauge().value() == 1);
    }
  }

  @Test
  void pageNamesEachMeter() throws IOException {
    String page = Files.readString(Path.of("../../docs/spring-boot.md"));
    application.run(context -> {
      MeterRegistry registry = context.getBean(MeterRegistry.class);
      use(context.getBean(Howdah.class), registry);
      for (String name : names(registry)) {
        assertThat(page).contains("| `" + name + "` |");
      }
      Set<String> documented = new TreeSet<>();
      Matcher matcher =
          Pattern.compile("(?m)^\\| `(howdah\\.[a-z.]+)` \\| (?:gauge|counter|timer|summary) ")
              .matcher(page);
      while (matcher.find()) {
        documented.add(matcher.group(1));
      }
      documented.removeAll(names(registry));
      // It comes with the first failure.
      assertThat(documented).isSubsetOf("howdah.failures");
    });
  }

  @Test
  void dashboardAsksForMetersThatAreThere() throws IOException {
    JsonNode dashboard =
        JsonMapper.shared().readTree(Files.readString(Path.of("../../docs/grafana/howdah.json")));
    Set<String> asked = new TreeSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        Matcher matcher = Pattern.compile("howdah_[a-z_]+").matcher(target.get("expr").asString());
        while (matcher.find()) {
          asked.add(matcher.group());
        }
      }
    }
    assertThat(asked).hasSizeGreaterThan(15);
    application.run(context -> {
      PrometheusMeterRegistry registry = context.getBean(PrometheusMeterRegistry.class);
      Howdah howdah = context.getBean(Howdah.class);
      use(howdah, registry);
      context.getBean(EngineMeters.class).failure("kv_get", "40001");
      Set<String> there = new TreeSet<>();
      Matcher matcher = Pattern.compile("(?m)^(howdah_[a-z_]+)").matcher(registry.scrape());
      while (matcher.find()) {
        there.add(matcher.group(1));
      }
      assertThat(there).containsAll(asked);
    });
  }

  @Test
  void readingIsKeptForItsTimeAlsoWhenItFailed() {
    application.run(context -> {
      Howdah howdah = context.getBean(Howdah.class);
      AtomicInteger asked = new AtomicInteger();
      RecentStats kept =
          new RecentStats(
              () -> {
                asked.incrementAndGet();
                return howdah.stats();
              },
              Duration.ofHours(1));
      assertThat(kept.get()).isNotNull().isSameAs(kept.get());
      assertThat(asked).hasValue(1);
      howdah.close();
      RecentStats failed =
          new RecentStats(
              () -> {
                asked.incrementAndGet();
                return howdah.stats();
              },
              Duration.ofHours(1));
      assertThat(failed.get()).isNull();
      assertThat(failed.get()).isNull();
      assertThat(asked).hasValue(2);
    });
  }
}
