package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.schema.Migrator;
import io.howdah.testing.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What the start of an application costs more with Howdah in it: in turn, each a process of its
 * own. It measures, so it runs when it is asked to only: {@code ./mvnw test -pl
 * integrations/spring-boot-starter -am -Dtest=StartupMeasurement -Dhowdah.measure=true
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@EnabledIfSystemProperty(named = "howdah.measure", matches = "true")
class StartupMeasurement {
  private static final int ROUNDS = 20;

  private final String schema = TestPostgres.freshSchema(getClass());

  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
  }

  @Test
  void startWithAnUpToDateSchema() throws Exception {
    new Migrator(TestPostgres.dataSource(), schema).migrate();
    List<Long> without = new ArrayList<>();
    List<Long> with = new ArrayList<>();
    for (int round = -1; round < ROUNDS; round++) {
      // Which of them comes first changes from round to round.
      boolean first = round % 2 == 0;
      long one = millis(first);
      long other = millis(!first);
      if (round >= 0) {
        with.add(first ? one : other);
        without.add(first ? other : one);
      }
    }
    long grown = median(with) - median(without);
    System.out.printf(
        "until it is ready: %d ms without, %d ms with, median of %d rounds each; %d ms more%n",
        median(without), median(with), ROUNDS, grown);
  }

  private long millis(boolean howdah) throws IOException, InterruptedException {
    ProcessBuilder java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                StartupApplication.class.getName(),
                "--spring.datasource.url=" + TestPostgres.url(),
                "--spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
                    + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration,"
                    + "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
                "--howdah.schema=" + schema,
                "--howdah.enabled=" + howdah)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    long began = System.nanoTime();
    Process process = java.start();
    try (BufferedReader lines = process.inputReader()) {
      String line;
      do {
        line = lines.readLine();
        assertThat(line).as("it starts").isNotNull();
      } while (!line.equals(StartupApplication.READY));
    }
    long took = System.nanoTime() - began;
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return TimeUnit.NANOSECONDS.toMillis(took);
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}
