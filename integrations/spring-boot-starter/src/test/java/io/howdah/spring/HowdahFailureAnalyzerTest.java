package io.howdah.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.schema.Migrator;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What is said of an application that could not be started, for real failures. */
class HowdahFailureAnalyzerTest {
  private static final String SECRET = "hunter2";

  private final String schema = TestPostgres.freshSchema(getClass());
  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class, HowdahAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + TestPostgres.url(),
              "spring.datasource.password=" + SECRET,
              "howdah.schema=" + schema);

  @AfterEach
  void drop() throws SQLException {
    sql("DROP SCHEMA IF EXISTS " + schema + " CASCADE", "DROP ROLE IF EXISTS " + schema);
  }

  private static void sql(String... statements) throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private FailureAnalysis failure(String... properties) {
    FailureAnalysis[] analysis = new FailureAnalysis[1];
    application
        .withPropertyValues(properties)
        .run(context -> {
          assertThat(context).hasFailed();
          analysis[0] = analyze(Objects.requireNonNull(context.getStartupFailure()));
        });
    assertThat(analysis[0].getDescription() + analysis[0].getAction()).doesNotContain(SECRET);
    return analysis[0];
  }

  private static FailureAnalysis analyze(Throwable failure) {
    FailureAnalyzer own =
        // Others need a bean factory, and are left out.
        SpringFactoriesLoader.forDefaultResourceLocation()
            .load(FailureAnalyzer.class, null, (type, name, trouble) -> {})
            .stream()
            .filter(analyzer -> analyzer instanceof HowdahFailureAnalyzer)
            .findFirst()
            .orElseThrow();
    return own.analyze(failure);
  }

  @Test
  void postgresThatIsAwayIsToBeStarted() {
    FailureAnalysis failure =
        failure("spring.datasource.url=jdbc:postgresql://localhost:1/app?password=" + SECRET);
    assertThat(failure.getDescription()).contains("localhost:1 refused");
    assertThat(failure.getAction()).contains("Start Postgres").contains("howdah.start");
  }

  /** As Commons DBCP does, for one. */
  @Test
  void poolMayWrapWhatTheDriverSays() {
    FailureAnalysis[] analysis = new FailureAnalysis[1];
    application
        .withBean(
            DataSource.class,
            () ->
                new DelegatingDataSource(
                    new DriverManagerDataSource(
                        "jdbc:postgresql://localhost:1/app", "app", SECRET)) {
                  @Override
                  public Connection getConnection() throws SQLException {
                    try {
                      return super.getConnection();
                    } catch (SQLException e) {
                      throw new SQLException("Cannot create a connection", e);
                    }
                  }
                })
        .run(context -> analysis[0] = analyze(Objects.requireNonNull(context.getStartupFailure())));
    assertThat(analysis[0].getAction()).contains("Start Postgres");
  }

  @Test
  void roleThatIsUnknownIsToBeCorrected() {
    FailureAnalysis failure =
        failure(
            "spring.datasource.url=" + TestPostgres.url().replaceFirst("user=[^&]*", ""),
            "spring.datasource.username=nobody_like_that");
    assertThat(failure.getDescription()).contains("nobody_like_that");
    assertThat(failure.getAction()).contains("spring.datasource.username");
  }

  @Test
  void databaseThatIsNotThereIsToBeCreated() {
    FailureAnalysis failure =
        failure(
            "spring.datasource.url="
                + TestPostgres.url().replaceFirst("/postgres\\?", "/no_such_database?"));
    assertThat(failure.getDescription()).contains("no_such_database");
    assertThat(failure.getAction()).contains("Create the database");
  }

  @Test
  void roleWithoutRightsIsToGetThem() throws SQLException {
    sql("CREATE ROLE " + schema + " LOGIN PASSWORD '" + SECRET + "'");
    FailureAnalysis failure =
        failure(
            "spring.datasource.url=" + TestPostgres.url().replaceFirst("user=[^&]*", ""),
            "spring.datasource.username=" + schema);
    assertThat(failure.getDescription()).contains("permission denied");
    assertThat(failure.getAction()).contains("--app-role").contains("howdah.schema-mode");
  }

  @Test
  void schemaThatIsNotThereIsToBeMigrated() {
    FailureAnalysis failure = failure("howdah.schema-mode=validate");
    assertThat(failure.getDescription()).contains("there is no schema " + schema);
    assertThat(failure.getAction()).contains("howdah migrate");
  }

  @Test
  void schemaThatIsTooNewNeedsANewerLibrary() throws SQLException {
    new Migrator(TestPostgres.dataSource(), schema).migrate();
    sql(
        "INSERT INTO "
            + schema
            + ".schema_version (version, functions, applied_at) VALUES (99, '{}', now())");
    FailureAnalysis failure = failure();
    assertThat(failure.getDescription()).contains("has version 99");
    assertThat(failure.getAction()).contains("newer howdah-spring-boot-starter");
  }

  @Test
  void otherDatabaseIsNamed() {
    for (String pool :
        List.of("com.zaxxer.hikari.HikariDataSource", "org.h2.jdbcx.JdbcDataSource")) {
      FailureAnalysis failure =
          failure(
              "spring.datasource.type=" + pool,
              "spring.datasource.url=jdbc:h2:mem:app;PASSWORD=" + SECRET,
              "spring.datasource.username=sa");
      assertThat(failure.getAction()).contains("Howdah needs Postgres").contains("howdah.enabled");
    }
  }

  @Test
  void valueOutsideItsLimitsNamesItsProperty() {
    FailureAnalysis failure = failure("howdah.call-timeout=1ms");
    assertThat(failure.getDescription())
        .contains("callTimeout: PT0.01S to PT10M expected, got PT0.001S");
    assertThat(failure.getAction()).contains("howdah.call-timeout");
    assertThat(failure("howdah.max-value-size=1GB").getAction()).contains("howdah.max-value-size");
  }

  @Test
  void failuresOfTheApplicationsOwnCallsAreLeftToOthers() {
    assertThat(analyze(new InvalidArgumentException("key", "key: 1 to 1024 bytes expected")))
        .isNull();
    assertThat(analyze(new HowdahException(ErrorCode.NAMESPACE_FULL, "full"))).isNull();
    assertThat(
            analyze(
                new CallFailedException(
                    ErrorCode.TIMEOUT, CallFailedException.Outcome.UNKNOWN, "late", null)))
        .isNull();
  }
}
