package io.howdah.bench;

import io.howdah.bench.churn.ChurnBench;
import io.howdah.bench.churn.ChurnResult;
import io.howdah.bench.churn.ChurnSettings;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.ChurnReport;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.Figures;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.RunInfo;
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

/** {@code howdah bench churn}: whether the store stays as it is while values come and go. */
@Command(
    name = "churn",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures throughput and size over time, while values with a time to live come and go.",
      "",
      "Sends calls at a steady rate to a private Postgres with its default autovacuum, and looks at"
          + " regular intervals how fast it is at full speed and how large the tables are. Every"
          + " answer is checked; a wrong one makes the exit code 1.",
      ""
    })
public final class ChurnCommand implements Callable<Integer> {

  @Mixin private ChurnOptions options = new ChurnOptions();

  @Mixin private PlaceOptions place = new PlaceOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    ChurnSettings settings = checkedSettings();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers =
          new Servers(folder, Map.of(), place.databaseUrl(), ChurnBench.connections());
      // Before the loading, which is a load itself.
      Machine machine = Machine.detect(folder.fileSystem());
      ConsoleReport.printWarnings(machine, console);
      ChurnBench bench =
          new ChurnBench(settings, servers, line -> ConsoleReport.printLine(line, console));
      Startup.prepare(spec, bench::prepare);
      RunInfo run =
          PlaceOptions.runInfo(
              spec, machine, settings.asOptions(), servers, Libraries.postgresDriver());
      ConsoleReport.printSetting(run, console);
      ConsoleReport.printLine(
          "This takes some " + Figures.duration(settings.planned()) + ".", console);
      ChurnResult result =
          bench.run(soFar -> {
            ConsoleReport.printLine(ChurnReport.line(soFar), console);
            // Whatever ends a long run early, the samples that were taken are in the file.
            new ChurnReport(run, soFar).writeJson(place.file(settings.baseName() + ".json"));
          });
      write(new ChurnReport(run, result), settings.baseName(), console);
      return Startup.exitCode(result.isValid(), console);
    }
  }

  private ChurnSettings checkedSettings() {
    try {
      return options.settings();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void write(ChurnReport report, String baseName, PrintWriter console) throws Exception {
    report.writeJson(place.file(baseName + ".json"));
    List<ChartFile> charts = Drawing.of(() -> report.writeCharts(place.out(), baseName), console);
    report.writeMarkdown(charts, place.file(baseName + ".md"));
    report.printSummary(console);
    ConsoleReport.printLine(Drawing.written(place.out(), baseName, charts), console);
  }
}
