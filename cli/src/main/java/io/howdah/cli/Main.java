package io.howdah.cli;

import io.howdah.bench.BenchCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program: one subcommand for each thing that it does. */
@Command(
    name = "howdah",
    description = {
      "The workloads that teams put on Redis, carried by the Postgres they already run.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    subcommands = {
      ServeCommand.class,
      MigrateCommand.class,
      ImportCommand.class,
      DoctorCommand.class,
      PgBouncerCommand.class,
      BenchCommand.class
    },
    footer = {
      "",
      "howdah COMMAND --help tells more. Where an option names a variable of the environment, that sets it too."
    })
public final class Main implements Runnable {

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Log more, and show where an error comes from.")
  void verbose(boolean verbose) {
    if (verbose) {
      Logging.verbose();
    }
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Logging.quiet();
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(new Failures())
        .setParameterExceptionHandler(new Failures())
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? There are: " + String.join(", ", spec.subcommands().keySet()));
  }
}
