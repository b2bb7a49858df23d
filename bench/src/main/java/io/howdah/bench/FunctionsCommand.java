package io.howdah.bench;

import io.howdah.bench.functions.FunctionsBench;
import io.howdah.bench.functions.FunctionsSettings;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.report.ConsoleProgress;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.FunctionsReport;
import io.howdah.bench.report.JsonReport;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.Report;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench functions}: what the SQL functions cost. */
@Command(
    name = "functions",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what calling Howdah's SQL functions costs against the bare statements.",
      "",
      "Sends the statements that the engine sends for batches, and in turn with them the same"
          + " INSERT or SELECT without a function, on the same table. Every answer is checked; a"
          + " wrong one makes the exit code 1.",
      ""
    })
public final class FunctionsCommand implements Callable<Integer> {

  /** One to measure with, and a few for loading and settling. */
  private static final int CONNECTIONS = 20;

  @Mixin private FunctionsOptions options = new FunctionsOptions();

  @Mixin private PlaceOptions place = new PlaceOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    FunctionsSettings settings = checkedSettings();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers = new Servers(folder, Map.of(), place.databaseUrl(), CONNECTIONS);
      Report report = measure(settings, servers, folder.fileSystem());
      FunctionsReport.write(report, place.file("functions.md"));
      FunctionsReport.printSummary(report, console);
      console.println("Written to " + place.out() + ": functions.json, functions.md");
      return Startup.exitCode(report.isValid(), console);
    }
  }

  private FunctionsSettings checkedSettings() {
    try {
      return options.settings();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Report measure(FunctionsSettings settings, Servers servers, String fileSystem)
      throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    // Before the loading, which is a load itself.
    Machine machine = Machine.detect(fileSystem);
    ConsoleReport.printWarnings(machine, console);
    FunctionsBench bench =
        new FunctionsBench(settings, servers, new ConsoleProgress(console, settings.schedule()));
    Startup.prepare(spec, bench::prepare);
    Report report =
        new Report(
            PlaceOptions.runInfo(
                spec, machine, settings.asOptions(), servers, Libraries.postgresDriver()),
            settings.workloads(),
            bench.profiles(),
            bench.comparisons(),
            List.of());
    ConsoleReport.printSetting(report.run(), console);
    List<CaseResult> results =
        bench.run(
            // Whatever ends a long run early, the cases that were measured are in the file.
            soFar -> JsonReport.write(report.with(soFar), place.file("functions.json")));
    return report.with(results);
  }
}
