package io.howdah.cli.doctor;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.cli.CommandFailure;
import io.howdah.schema.Migrator;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Looks at a database, and changes nothing. */
public final class Doctor {
  /** The driver's default: the URL says nothing about prepared statements. */
  private static final int UNSAID_PREPARE_THRESHOLD = 5;

  private static final int SOCKET_TIMEOUT_SECONDS = 30;

  private final String url;
  private final String throughUrl;
  private final Situation situation;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<Ailment, String> skipped = new EnumMap<>(Ailment.class);
  private final Map<String, String> facts = new LinkedHashMap<>();

  private Doctor(String url, @Nullable String via, Situation situation) {
    this.url = url;
    this.throughUrl = via == null ? url : via;
    this.situation = situation;
  }

  /**
   * Examines a database.
   *
   * @param url the JDBC URL that leads to it, past a pooler where there is one
   * @param via the URL that leads through the pooler; null where there is none, or the first one
   *     does
   * @throws InvalidArgumentException when the role of the application does not exist
   * @throws CommandFailure when the database does not answer
   */
  public static Report examine(String url, @Nullable String via, Situation situation) {
    return new Doctor(url, via, situation).examine();
  }

  private Report examine() {
    boolean hasSchema = lookAtSchema();
    Map<String, String> pooler = lookAtPooler();
    try (Connection connection = dataSource(url).getConnection()) {
      Examination examination =
          new Examination(connection, situation, pooler.getOrDefault("pooler", "unknown"));
      Provider provider = examination.findProvider();
      facts.putAll(examination.facts());
      facts.put("provider", provider.id());
      facts.putAll(pooler);
      if (!examination.hasRole()) {
        throw new InvalidArgumentException(
            "appRole", "appRole: there is no role " + situation.appRole() + " in this database");
      }
      boolean seesOthers = examination.seesOthers();
      for (Ailment ailment : Ailment.values()) {
        switch (ailment.how()) {
          case SERVER -> look(examination, ailment);
          case SESSIONS -> {
            look(examination, ailment);
            if (!seesOthers) {
              skipped.putIfAbsent(
                  ailment,
                  "sessions of other roles are not seen without GRANT pg_read_all_stats TO "
                      + facts.get("role"));
            }
          }
          case SCHEMA -> {
            if (hasSchema) {
              look(examination, ailment);
            } else {
              skipped.put(ailment, "there is no schema of this version that could be read");
            }
          }
          case MIGRATOR, POOLER -> {}
        }
      }
    } catch (SQLException e) {
      throw new CommandFailure("cannot look at the database: " + e.getMessage(), e);
    }
    findings.sort(Comparator.comparing(Finding::severity).thenComparing(Finding::ailment));
    return new Report(facts, findings, skipped);
  }

  private void look(Examination examination, Ailment ailment) throws SQLException {
    try {
      findings.addAll(examination.look(ailment));
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (state.startsWith("08")) {
        throw e;
      }
      skipped.put(ailment, String.valueOf(e.getMessage()).lines().findFirst().orElse(state));
    }
  }

  /** Whether there is a schema on which the queries can run. */
  private boolean lookAtSchema() {
    Migrator migrator = new Migrator(dataSource(url), situation.schema());
    String migrate = "./howdah migrate --database-url URL --schema " + situation.schema();
    try {
      migrator.validate();
      if (!migrator.dryRun().isEmpty()) {
        found(
            Ailment.SCHEMA,
            Severity.NOTICE,
            "the functions are those of another build of this version",
            migrate);
      }
      return true;
    } catch (HowdahException e) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof InvalidArgumentException) {
        throw e;
      }
      if (e.code() != ErrorCode.SCHEMA || e.getCause() != null) {
        skipped.put(Ailment.SCHEMA, message.lines().findFirst().orElse(""));
        return false;
      }
      String[] parts = message.split(";", 2);
      found(
          Ailment.SCHEMA,
          Severity.CRITICAL,
          parts[0],
          parts.length == 1 ? "a newer Postgres" : parts[1].strip());
      return false;
    }
  }

  /** What there is to tell of it; nothing where there is no answer. */
  private Map<String, String> lookAtPooler() {
    Map<String, String> told = new LinkedHashMap<>();
    Pooler.Seen seen;
    try {
      seen = new Pooler(dataSource(throughUrl)).look();
    } catch (SQLException e) {
      for (Ailment ailment : Ailment.values()) {
        if (ailment.how() == Ailment.How.POOLER) {
          skipped.put(ailment, "no answer through the pooler: " + e.getMessage());
        }
      }
      return told;
    }
    told.put("pooler", seen.mode().name().toLowerCase(Locale.ROOT));
    String mode = "pool_mode = " + told.get("pooler");
    switch (seen.mode()) {
      case SESSION ->
          found(
              Ailment.POOLER_SESSION_MODE,
              Severity.NOTICE,
              mode,
              "pool_mode = transaction  in pgbouncer.ini");
      case STATEMENT ->
          found(
              Ailment.POOLER_STATEMENT_MODE,
              Severity.CRITICAL,
              mode,
              "pool_mode = transaction  in pgbouncer.ini");
      case TRANSACTION -> {
        lookAtPrepared(seen.prepares());
        if (seen.prepares() != null) {
          told.put("pooler_prepares", seen.prepares().toString());
        }
      }
      case NONE -> {
        return told;
      }
    }
    if (seen.mode() != Pooler.Mode.SESSION) {
      found(Ailment.POOLER_LISTEN, Severity.NOTICE, mode, "listenUrl = " + listenUrl());
    } else {
      suggestPreparing();
    }
    return told;
  }

  private void lookAtPrepared(@Nullable Boolean prepares) {
    if (prepares == null) {
      skipped.put(Ailment.PREPARED_STATEMENTS, "the pooler has one server connection only");
    } else if (prepares) {
      suggestPreparing();
    } else {
      boolean isOff = prepareThreshold() == 0;
      found(
          Ailment.PREPARED_STATEMENTS,
          isOff ? Severity.NOTICE : Severity.WARNING,
          "a prepared statement did not come through; prepareThreshold="
              + prepareThreshold()
              + " in the URL",
          isOff
              ? "max_prepared_statements = 200  in pgbouncer.ini, from PgBouncer 1.21 on, and prepareThreshold=1 in the URL"
              : "prepareThreshold=0  in the URL; or from PgBouncer 1.21 on max_prepared_statements = 200 in pgbouncer.ini");
    }
  }

  private void suggestPreparing() {
    if (prepareThreshold() == UNSAID_PREPARE_THRESHOLD) {
      found(
          Ailment.PREPARED_STATEMENTS_UNUSED,
          Severity.NOTICE,
          "a prepared statement came through; the URL says nothing about them",
          "prepareThreshold=1  in the URL");
    }
  }

  private int prepareThreshold() {
    return parsed(throughUrl).getPrepareThreshold();
  }

  /** Without user and password, which are those of the other URL. */
  private String listenUrl() {
    if (url.equals(throughUrl)) {
      return "a URL that leads to Postgres past the pooler";
    }
    PGSimpleDataSource direct = parsed(url);
    int port = direct.getPortNumbers()[0];
    return "jdbc:postgresql://"
        + direct.getServerNames()[0]
        + (port == 0 ? "" : ":" + port)
        + "/"
        + direct.getDatabaseName()
        + "?...";
  }

  private void found(Ailment ailment, Severity severity, String seen, String remedy) {
    findings.add(new Finding(ailment, severity, null, seen, List.of(remedy)));
  }

  private static PGSimpleDataSource parsed(String url) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url);
    return dataSource;
  }

  /** Its own statements leave nothing behind on a pooler. */
  private static PGSimpleDataSource dataSource(String url) {
    PGSimpleDataSource dataSource = parsed(url);
    dataSource.setPrepareThreshold(0);
    dataSource.setSocketTimeout(SOCKET_TIMEOUT_SECONDS);
    return dataSource;
  }
}
