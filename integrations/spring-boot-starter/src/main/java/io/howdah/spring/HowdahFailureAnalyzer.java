package io.howdah.spring;

import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says in words why Howdah could not be opened, and what to do. What it says of the fault is the
 * message of Postgres or of Howdah, and neither has a password in it.
 */
final class HowdahFailureAnalyzer extends AbstractFailureAnalyzer<HowdahException> {
  /** By argument of the builder. */
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "schema", "schema",
          "lanes", "lanes",
          "callTimeout", "call-timeout",
          "lockTimeout", "lock-timeout",
          "maxValueBytes", "max-value-size",
          "listenUrl", "listen-url",
          "pollInterval", "poll-interval",
          "wipeCheckInterval", "wipe-check-interval",
          "flagPollInterval", "flag-poll-interval");

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, HowdahException cause) {
    String description = "Howdah failed at the start of the application: " + cause.getMessage();
    String action = action(cause);
    return action == null ? null : new FailureAnalysis(description, action, rootFailure);
  }

  private @Nullable String action(HowdahException cause) {
    if (cause instanceof InvalidArgumentException invalid) {
      return invalidAction(invalid);
    }
    PSQLException postgres = findCause(cause, PSQLException.class);
    if (cause.getCause() instanceof SQLException && postgres == null) {
      return "Howdah needs Postgres 15 or newer, and spring.datasource.url leads to another database. Change it, or set"
          + " howdah.enabled to false where the application does without, in its tests for example.";
    }
    return switch (cause.code()) {
      case UNAVAILABLE -> unavailableAction(state(postgres));
      case FORBIDDEN ->
          "Let the role of spring.datasource.username create the schema, or have its owner run './howdah migrate --app-role'"
              + " with the name of this role, and set howdah.schema-mode to validate.";
      case SCHEMA ->
          "See to it that howdah.schema names the schema of Howdah, and that it suits this version of the library: with"
              + " howdah.schema-mode set to migrate the application brings it up to date itself, './howdah migrate' does so"
              + " with the rights of its owner. A schema that is too new needs a newer howdah-spring-boot-starter.";
      default -> null;
    };
  }

  private static String state(@Nullable PSQLException postgres) {
    return postgres == null ? "" : Objects.requireNonNullElse(postgres.getSQLState(), "");
  }

  private static String unavailableAction(String state) {
    if (state.startsWith("28")) {
      return "Correct spring.datasource.username and spring.datasource.password, or let this role in (pg_hba.conf).";
    }
    if (state.startsWith("3D")) {
      return "Create the database that spring.datasource.url names, or name another one.";
    }
    if (state.equals("53300")) {
      return "Postgres has no connection left: raise max_connections, or lower howdah.lanes and"
          + " spring.datasource.hikari.maximum-pool-size. Each process opens up to both of them, and one to listen.";
    }
    return "Start Postgres, and see to it that spring.datasource.url leads to it. Where the application must start before its"
        + " database, set howdah.start to lazy.";
  }

  private static @Nullable String invalidAction(InvalidArgumentException invalid) {
    if (invalid.argument().equals("dataSource")) {
      return "Howdah needs Postgres 15 or newer: change spring.datasource.url, or set howdah.enabled to false where the"
          + " application does without, in its tests for example.";
    }
    String property = PROPERTIES.get(invalid.argument());
    return property == null
        ? null
        : "Change the property howdah." + property + ", or the HowdahCustomizer that sets it.";
  }
}
