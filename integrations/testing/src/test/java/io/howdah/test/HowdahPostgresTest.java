package io.howdah.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

class HowdahPostgresTest {
  private static String one(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  @Test
  void embeddedOneIsStartedAndStopped() throws SQLException {
    DataSource database;
    try (HowdahPostgres postgres = HowdahPostgres.embedded()) {
      database = postgres.dataSource();
      assertThat(one(database, "SELECT 1")).isEqualTo("1");
      try (Howdah howdah = Howdah.builder(database).sweeper(false).open()) {
        howdah.kv("n", String.class).set("k", "v");
        assertThat(howdah.kv("n", String.class).get("k")).contains("v");
      }
    }
    assertThatThrownBy(database::getConnection).isInstanceOf(SQLException.class);
  }

  @Test
  void newDatabaseIsOfTheSameServerAndIsDropped() throws SQLException {
    HowdahPostgres server = HowdahPostgres.at(TestPostgres.url());
    String name;
    try (HowdahPostgres own = server.newDatabase();
        Connection open = own.dataSource().getConnection()) {
      assertThat(open.isValid(1)).isTrue();
      name = one(own.dataSource(), "SELECT current_database()");
      assertThat(own.jdbcUrl()).contains("/" + name);
      assertThat(own).hasToString("HowdahPostgres[" + name + "]");
      assertThat(
              one(
                  server.dataSource(),
                  "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"))
          .isEqualTo("1");
      own.close();
    }
    assertThat(
            one(
                server.dataSource(),
                "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"))
        .isEqualTo("0");
  }

  @Test
  void userMayStandInTheUrlOrBesideItAndIsNotInTheUrlThatItTells() throws SQLException {
    HowdahPostgres inUrl =
        HowdahPostgres.at("jdbc:postgresql://localhost:5/app?user=ursula&password=secret");
    HowdahPostgres beside =
        HowdahPostgres.at("jdbc:postgresql://localhost:5/app", "ursula", "secret");
    for (HowdahPostgres postgres : new HowdahPostgres[] {inUrl, beside}) {
      assertThat(postgres.user()).isEqualTo("ursula");
      assertThat(postgres.password()).isEqualTo("secret");
      assertThat(postgres.jdbcUrl()).contains("localhost:5/app").doesNotContain("ursula", "secret");
      assertThat(postgres.toString()).doesNotContain("secret");
    }
    assertThatThrownBy(() -> HowdahPostgres.at("jdbc:mysql://ursula:secret@localhost/app"))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void sharedOneIsStartedOnceAndNotStoppedByItsUsers() throws SQLException {
    HowdahPostgres first = HowdahPostgres.shared();
    first.close();
    HowdahPostgres second = HowdahPostgres.shared();
    assertThat(second.jdbcUrl()).isEqualTo(first.jdbcUrl());
    assertThat(one(second.dataSource(), "SELECT 1")).isEqualTo("1");
  }

  /** Prints where the shared one is. */
  static final class WhereIsIt {
    public static void main(String[] args) {
      System.out.print(HowdahPostgres.shared().jdbcUrl());
    }
  }

  @Test
  void sharedOneIsWhereAPropertyOrAVariableSays() throws IOException, InterruptedException {
    assertThat(whereIsIt("jdbc:postgresql://property:1/a", "jdbc:postgresql://variable:1/b"))
        .contains("property:1/a");
    assertThat(whereIsIt(null, "jdbc:postgresql://variable:1/b")).contains("variable:1/b");
  }

  private static String whereIsIt(@Nullable String property, String variable)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    if (property != null) {
      command.add("-D" + HowdahPostgres.URL_PROPERTY + "=" + property);
    }
    command.add(WhereIsIt.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put(HowdahPostgres.URL_VARIABLE, variable);
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return printed;
  }

  @Test
  void containerIsStartedWhereThereIsDocker() throws SQLException {
    Assumptions.assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(), "Docker does not answer");
    try (PostgreSQLContainer container = new PostgreSQLContainer("postgres:18-alpine")) {
      HowdahPostgres postgres = HowdahContainers.postgres(container);
      assertThat(container.isRunning()).isTrue();
      assertThat(one(postgres.dataSource(), "SELECT 1")).isEqualTo("1");
    }
  }
}
