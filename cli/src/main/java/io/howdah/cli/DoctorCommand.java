package io.howdah.cli;

import io.howdah.InvalidArgumentException;
import io.howdah.cli.doctor.Doctor;
import io.howdah.cli.doctor.JsonReport;
import io.howdah.cli.doctor.Report;
import io.howdah.cli.doctor.Severity;
import io.howdah.cli.doctor.Situation;
import io.howdah.cli.doctor.TextReport;
import io.howdah.schema.Migrator;
import io.howdah.server.DatabaseUrl;
import io.howdah.server.DurationText;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says what harms Howdah in a database. */
@Command(
    name = "doctor",
    defaultValueProvider = Variables.class,
    description = {
      "Looks at a database, and says what harms Howdah there, the most harmful first,",
      "with what was seen and the statement or setting that mends it. Changes nothing.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:nothing, or notices only",
      " 1:the database could not be looked at",
      " 2:a mistake in the options",
      " 3:a warning",
      " 4:something critical"
    },
    footer = {
      "",
      "Examples:",
      "  howdah doctor --database-url 'jdbc:postgresql://db/app?user=watcher' --app-role app",
      "  howdah doctor --database-url ... --pool-size 10 --instances 6",
      "  howdah doctor --database-url ... --via 'jdbc:postgresql://pooler:6432/app?user=app'"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int WARNING = 3;
  private static final int CRITICAL = 4;

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
      names = "--via",
      paramLabel = "URL",
      description =
          "The URL that the application uses, where it leads through a pooler and --database-url does not.")
  private @Nullable String via;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      defaultValue = "howdah",
      description = "The schema of Howdah's tables and functions. Default: howdah. (HOWDAH_SCHEMA)")
  private String schema = "";

  @Option(
      names = "--app-role",
      paramLabel = "ROLE",
      description = "The role that the application connects as. Default: the user of the URL.")
  private @Nullable String appRole;

  @Option(
      names = "--pool-size",
      paramLabel = "N",
      description =
          "Connections of the application's own pool in each process. Without it only open connections are counted.")
  private @Nullable Integer poolSize;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "Connections of Howdah's engine in each process, as Builder.lanes has it. Default: 8. (HOWDAH_LANES)")
  private int lanes;

  @Option(
      names = "--instances",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many processes of the application there are. Default: 1.")
  private int instances;

  @Option(
      names = "--long-transaction",
      paramLabel = "DURATION",
      defaultValue = "5m",
      description = "How long a transaction may be open, as in 30s or 5m. Default: 5m.")
  private String longTransaction = "";

  @Option(names = "--json", description = "Print JSON, as docs/doctor.md describes it.")
  private boolean json;

  @Override
  public Integer call() {
    if (databaseUrl == null || databaseUrl.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "which database? Name it with --database-url or HOWDAH_DATABASE_URL");
    }
    atLeast("--pool-size", poolSize == null ? 0 : poolSize, 0);
    atLeast("--lanes", lanes, 1);
    atLeast("--instances", instances, 1);
    Report report =
        Doctor.examine(
            DatabaseUrl.parse(databaseUrl).jdbcUrl(),
            viaUrl(),
            new Situation(
                Migrator.checkName(schema),
                appRole,
                poolSize,
                lanes,
                instances,
                DurationText.parse("long-transaction", longTransaction)));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      new JsonReport(out).write(report);
    } else {
      new TextReport(out).write(report);
    }
    return report.worst().map(DoctorCommand::exitCode).orElse(0);
  }

  private @Nullable String viaUrl() {
    try {
      return via == null ? null : DatabaseUrl.parse(via).jdbcUrl();
    } catch (InvalidArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()).replace("database-url", "--via"), e);
    }
  }

  private void atLeast(String option, int value, int least) {
    if (value < least) {
      throw new ParameterException(
          spec.commandLine(), option + ": at least " + least + " expected, got " + value);
    }
  }

  private static int exitCode(Severity worst) {
    return switch (worst) {
      case CRITICAL -> CRITICAL;
      case WARNING -> WARNING;
      case NOTICE -> 0;
    };
  }
}
