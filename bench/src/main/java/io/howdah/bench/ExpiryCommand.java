package io.howdah.bench;

import io.howdah.bench.expiry.ExpiryBench;
import io.howdah.bench.expiry.ExpiryResult;
import io.howdah.bench.expiry.ExpirySettings;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.ExpiryReport;
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

/** {@code howdah bench expiry}: what the end of values costs. */
@Command(
    name = "expiry",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what the end of values costs: refreshing it, many that end at once, eviction.",
      "",
      "On a private Postgres with its default autovacuum, with the background sweeper. Every answer"
          + " is checked; a wrong one, and a refreshed value that is gone, makes the exit code 1.",
      ""
    })
public final class ExpiryCommand implements Callable<Integer> {

  @Mixin private ExpiryOptions options = new ExpiryOptions();

  @Mixin private PlaceOptions place = new PlaceOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    ExpirySettings settings = checkedSettings();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers =
          new Servers(folder, Map.of(), place.databaseUrl(), ExpiryBench.connections());
      // Before the loading, which is a load itself.
      Machine machine = Machine.detect(folder.fileSystem());
      ConsoleReport.printWarnings(machine, console);
      ExpiryBench bench =
          new ExpiryBench(settings, servers, line -> ConsoleReport.printLine(line, console));
      Startup.prepare(spec, bench::prepare);
      RunInfo run =
          PlaceOptions.runInfo(
              spec, machine, settings.asOptions(), servers, Libraries.postgresDriver());
      ConsoleReport.printSetting(run, console);
      ExpiryResult result =
          bench.run(
              // Whatever ends a long run early, the parts that were measured are in the file.
              soFar -> new ExpiryReport(run, soFar).writeJson(place.file("expiry.json")));
      write(new ExpiryReport(run, result), console);
      return Startup.exitCode(result.isValid(), console);
    }
  }

  private ExpirySettings checkedSettings() {
    try {
      return options.settings();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void write(ExpiryReport report, PrintWriter console) throws Exception {
    report.writeJson(place.file("expiry.json"));
    List<ChartFile> charts = Drawing.of(() -> report.writeCharts(place.out()), console);
    report.writeMarkdown(charts, place.file("expiry.md"));
    report.printSummary(console);
    ConsoleReport.printLine(Drawing.written(place.out(), "expiry", charts), console);
  }
}
