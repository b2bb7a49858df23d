package io.howdah.cli;

import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.server.DatabaseUrl;
import io.howdah.server.StartupException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says what went wrong, in a line on standard error and without passwords. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    say(command, String.valueOf(e.getMessage()));
    say(command, "try: " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof InvalidArgumentException invalid) {
      say(command, asOption(command, invalid.argument(), message));
    } else if (e instanceof HowdahException
        || e instanceof StartupException
        || e instanceof CommandFailure) {
      say(command, message);
    } else {
      say(
          command,
          "this should not have happened: "
              + e
              + (Logging.isVerbose() ? "" : " (--verbose shows where)"));
    }
    if (Logging.isVerbose()) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      say(command, trace.toString());
    }
    return e instanceof InvalidArgumentException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  /** The library names an argument callTimeout where the user wrote --call-timeout. */
  private static String asOption(CommandLine command, String argument, String message) {
    String option = "--" + argument.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    boolean known = command.getCommandSpec().findOption(option) != null;
    return known && message.startsWith(argument + ":")
        ? option + message.substring(argument.length())
        : message;
  }

  private static void say(CommandLine command, String line) {
    PrintWriter err = command.getErr();
    err.println("howdah: " + DatabaseUrl.mask(line));
    err.flush();
  }
}
