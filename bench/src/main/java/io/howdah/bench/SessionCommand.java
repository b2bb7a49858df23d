package io.howdah.bench;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.Charts;
import io.howdah.bench.report.ConsoleProgress;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.JsonReport;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.MarkdownReport;
import io.howdah.bench.report.Report;
import io.howdah.bench.server.RedisServer;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import io.howdah.bench.session.SessionBench;
import io.howdah.bench.session.SessionBenchSettings;
import io.howdah.bench.session.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench session}: sessions, measured side by side. */
@Command(
    name = "session",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures sessions in Spring Session on Redis and on Postgres, and in Howdah.",
      "",
      "Starts its own Redis and Postgres, on free ports, with data in a temporary folder. The"
          + " contestants take turns in short rounds. Every answer is checked; a wrong one makes the"
          + " exit code 1.",
      ""
    })
public final class SessionCommand implements Callable<Integer> {

  @Mixin private SessionOptions options = new SessionOptions();

  @Mixin private PlaceOptions place = new PlaceOptions();

  @Option(
      names = "--redis-server",
      paramLabel = "PATH",
      description = "The redis-server to start (default: the one on the PATH).")
  private @Nullable Path redisServer;

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    Path redis = redisServer != null ? redisServer : RedisServer.onPath().orElse(null);
    SessionBenchSettings settings = checkedSettings(redis);
    if (redis == null) {
      console.println("redis-server is not on the PATH: Redis is left out.");
    }
    try (WorkFolder folder = place.openWorkFolder()) {
      Report report =
          measure(
              settings,
              new Servers(folder, redis, place.databaseUrl(), settings.postgresConnections()),
              folder.fileSystem());
      write(report, console);
      return report.isValid() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private SessionBenchSettings checkedSettings(@Nullable Path redis) {
    try {
      if (redis != null) {
        // Asked only because what is no Redis does not tell one.
        String unused = RedisServer.version(redis);
      }
      return options.settings(redis != null);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "--redis-server does not run: " + e.getMessage(), e);
    }
  }

  private Report measure(SessionBenchSettings settings, Servers servers, String fileSystem)
      throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    // Before the loading, which is a load itself.
    Machine machine = Machine.detect(fileSystem);
    ConsoleReport.printWarnings(machine, console);
    SessionBench bench =
        new SessionBench(settings, servers, new ConsoleProgress(console, settings.schedule()));
    prepare(bench);
    Report report =
        new Report(
            PlaceOptions.runInfo(
                spec, machine, settings.asOptions(), servers, Libraries.sessions()),
            settings.workloads().stream().map(Workload::info).toList(),
            bench.profiles(),
            bench.comparisons(),
            List.of());
    ConsoleReport.printSetting(report.run(), console);
    List<CaseResult> results = bench.run(soFar -> caseDone(report.with(soFar), console));
    return report.with(results);
  }

  private void prepare(SessionBench bench) throws Exception {
    try {
      bench.prepare();
    } catch (IllegalStateException | IOException | SQLException e) {
      throw new ParameterException(spec.commandLine(), "Cannot start: " + e.getMessage(), e);
    }
  }

  /** Whatever ends a long run early, the cases that were measured are in the file. */
  private void caseDone(Report report, PrintWriter console) {
    JsonReport.write(report, place.file("session.json"));
    Case last = report.results().get(report.results().size() - 1).measured();
    ConsoleReport.printCase(report, last, console);
  }

  private void write(Report report, PrintWriter console) throws Exception {
    JsonReport.write(report, place.file("session.json"));
    List<ChartFile> charts = Drawing.of(() -> Charts.write(report, place.out()), console);
    MarkdownReport.write(report, charts, place.file("session.md"));
    ConsoleReport.printSummary(report, console);
    console.println(Drawing.written(place.out(), "session", charts));
    if (!report.isValid()) {
      console.println("NOT VALID: there were wrong answers or failures; see PROBLEM above.");
    }
    console.flush();
  }
}
