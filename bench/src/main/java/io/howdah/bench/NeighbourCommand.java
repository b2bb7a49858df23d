package io.howdah.bench;

import io.howdah.bench.neighbour.NeighbourBench;
import io.howdah.bench.neighbour.NeighbourResult;
import io.howdah.bench.neighbour.NeighbourSettings;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.NeighbourReport;
import io.howdah.bench.report.RunInfo;
import io.howdah.bench.server.Program;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench neighbour}: what Howdah costs the application beside it. */
@Command(
    name = "neighbour",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what Howdah costs an application on the same Postgres.",
      "",
      "Finds out how much pgbench's TPC-B-like load reaches on a private Postgres, then drives it at"
          + " 60 %% of that, alone and beside Howdah at several rates, in short rounds that take"
          + " turns. Every answer is checked; a wrong one makes the exit code 1.",
      ""
    })
public final class NeighbourCommand implements Callable<Integer> {

  @Mixin private NeighbourOptions options = new NeighbourOptions();

  @Mixin private PlaceOptions place = new PlaceOptions();

  @Option(
      names = "--pgbench",
      paramLabel = "PATH",
      description = {
        "The pgbench to start (default: the one on the PATH, or else the newest in"
            + " /usr/lib/postgresql)."
      })
  private @Nullable Path pgbench;

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    NeighbourSettings settings = checkedSettings();
    Path executable = executable();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers = new Servers(folder, Map.of(), place.databaseUrl(), settings.connections());
      // Before the loading, which is a load itself.
      Machine machine = Machine.detect(folder.fileSystem());
      ConsoleReport.printWarnings(machine, console);
      NeighbourBench bench =
          new NeighbourBench(
              settings,
              servers,
              folder,
              executable,
              line -> ConsoleReport.printLine(line, console));
      Startup.prepare(spec, bench::prepare);
      RunInfo run =
          PlaceOptions.runInfo(spec, machine, settings.asOptions(), servers, libraries(executable));
      ConsoleReport.printSetting(run, console);
      NeighbourResult result =
          bench.run(
              // Whatever ends a long run early, the rounds that were measured are in the file.
              soFar -> new NeighbourReport(run, soFar).writeJson(place.file("neighbour.json")));
      write(new NeighbourReport(run, result), console);
      return Startup.exitCode(result.isValid(), console);
    }
  }

  private NeighbourSettings checkedSettings() {
    try {
      return options.settings();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Path executable() {
    try {
      Path found = pgbench != null ? pgbench : Program.PGBENCH.find().orElse(null);
      if (found == null) {
        throw new ParameterException(
            spec.commandLine(),
            "pgbench was not found: install it (Debian and Ubuntu: apt-get install postgresql;"
                + " Fedora: dnf install postgresql-contrib; macOS: brew install postgresql), or"
                + " name it with --pgbench");
      }
      String unused = Program.PGBENCH.version(found);
      return found;
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "--pgbench does not run: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> libraries(Path executable) throws IOException {
    Map<String, String> libraries = new LinkedHashMap<>(Libraries.postgresDriver());
    libraries.put("pgbench", Program.PGBENCH.version(executable));
    return libraries;
  }

  private void write(NeighbourReport report, PrintWriter console) throws Exception {
    report.writeJson(place.file("neighbour.json"));
    List<ChartFile> charts = Drawing.of(() -> report.writeCharts(place.out()), console);
    report.writeMarkdown(charts, place.file("neighbour.md"));
    report.printSummary(console);
    ConsoleReport.printLine(Drawing.written(place.out(), "neighbour", charts), console);
  }
}
