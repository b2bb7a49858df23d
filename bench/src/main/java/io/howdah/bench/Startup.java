package io.howdah.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How a benchmark begins and ends, whatever it measures. */
final class Startup {

  private Startup() {}

  /** Starts what is measured. */
  @FunctionalInterface
  interface Preparation {
    void prepare() throws Exception;
  }

  /** Starts what is measured; where that fails, the user is told in a line. */
  static void prepare(CommandSpec spec, Preparation preparation) throws Exception {
    try {
      preparation.prepare();
    } catch (IllegalStateException | IOException | SQLException e) {
      throw new ParameterException(spec.commandLine(), "Cannot start: " + e.getMessage(), e);
    }
  }

  /** Says when the figures are not worth anything. */
  static int exitCode(boolean valid, PrintWriter console) {
    if (!valid) {
      console.println("NOT VALID: there were wrong answers or failures; see PROBLEM above.");
    }
    console.flush();
    return valid ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
