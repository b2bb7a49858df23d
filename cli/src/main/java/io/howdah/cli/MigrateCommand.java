package io.howdah.cli;

import io.howdah.schema.Migrator;
import io.howdah.server.DatabaseUrl;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the schema, or brings it up to date. */
@Command(
    name = "migrate",
    defaultValueProvider = Variables.class,
    description = {
      "Makes Howdah's schema in a database, or brings it up to date.",
      "In one transaction, so it may be interrupted, and run again.",
      "With --dry-run it prints the SQL instead, for Flyway, Liquibase or a DBA.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  howdah migrate --database-url 'jdbc:postgresql://db/app?user=owner'",
      "  howdah migrate --database-url ... --dry-run > howdah.sql"
    })
final class MigrateCommand implements Callable<Integer> {

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description =
          "The database: jdbc:postgresql://HOST:PORT/DATABASE?user=...&password=... (HOWDAH_DATABASE_URL)")
  private @Nullable String databaseUrl;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      defaultValue = "howdah",
      description = "The schema of Howdah's tables and functions. Default: howdah. (HOWDAH_SCHEMA)")
  private String schema = "";

  @Option(names = "--dry-run", description = "Print the SQL and change nothing.")
  private boolean dryRun;

  @Option(
      names = "--app-role",
      paramLabel = "ROLE",
      description =
          "Give this role of the database what an application needs. May be given several times.")
  private List<String> appRoles = List.of();

  @Option(
      names = "--monitor-role",
      paramLabel = "ROLE",
      description = "Give this role what monitoring needs. May be given several times.")
  private List<String> monitorRoles = List.of();

  @Override
  public Integer call() {
    if (databaseUrl == null || databaseUrl.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "which database? Name it with --database-url or HOWDAH_DATABASE_URL");
    }
    if (dryRun && !(appRoles.isEmpty() && monitorRoles.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "--dry-run: not together with --app-role or --monitor-role; the SQL for a role is SELECT "
              + schema
              + ".role_grant('ROLE', 'app')");
    }
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(DatabaseUrl.parse(databaseUrl).jdbcUrl());
    Migrator migrator = new Migrator(dataSource, schema);
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun) {
      String sql = migrator.dryRun();
      out.print(sql.isEmpty() ? "-- The schema " + schema + " is up to date.\n" : sql);
    } else {
      boolean changed = migrator.migrate();
      out.println(
          "The schema "
              + schema
              + (changed ? " has been brought to version " + Migrator.VERSION : " is up to date")
              + ".");
      appRoles.forEach(role -> grant(migrator, role, "app", out));
      monitorRoles.forEach(role -> grant(migrator, role, "monitor", out));
    }
    out.flush();
    return 0;
  }

  private static void grant(Migrator migrator, String role, String kind, PrintWriter out) {
    migrator.grant(role, kind);
    out.println("The role " + role + " has the rights of the kind " + kind + ".");
  }
}
