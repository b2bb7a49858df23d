package io.howdah.bench;

import io.howdah.bench.kv.KvBench;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.kv.Workload;
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
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench kv}: gets and sets, measured side by side. */
@Command(
    name = "kv",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures gets and sets against Redis, plain JDBC and Howdah.",
      "",
      "Starts its own Redis and Postgres, on free ports, with data in a temporary folder. The"
          + " contestants take turns in short rounds. Every answer is checked; a wrong one makes"
          + " the exit code 1.",
      ""
    })
public final class KvCommand implements Callable<Integer> {

  @Mixin private KvOptions options = new KvOptions();

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
    KvSettings settings = checkedSettings(redis);
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
      return Startup.exitCode(report.isValid(), console);
    }
  }

  private KvSettings checkedSettings(@Nullable Path redis) {
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

  private Report measure(KvSettings settings, Servers servers, String fileSystem) throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    // Before the loading, which is a load itself.
    Machine machine = Machine.detect(fileSystem);
    ConsoleReport.printWarnings(machine, console);
    KvBench bench =
        new KvBench(settings, servers, new ConsoleProgress(console, settings.schedule()));
    Startup.prepare(spec, bench::prepare);
    Report report =
        new Report(
            PlaceOptions.runInfo(
                spec, machine, settings.asOptions(), servers, Libraries.versions()),
            settings.workloads().stream().map(Workload::info).toList(),
            bench.profiles(),
            bench.comparisons(),
            List.of());
    ConsoleReport.printSetting(report.run(), console);
    List<CaseResult> results = bench.run(soFar -> caseDone(report.with(soFar), console));
    return report.with(results);
  }

  /** Whatever ends a long run early, the cases that were measured are in the file. */
  private void caseDone(Report report, PrintWriter console) {
    JsonReport.write(report, place.file("kv.json"));
    Case last = report.results().get(report.results().size() - 1).measured();
    ConsoleReport.printCase(report, last, console);
  }

  private void write(Report report, PrintWriter console) throws Exception {
    JsonReport.write(report, place.file("kv.json"));
    List<ChartFile> charts = Drawing.of(() -> Charts.write(report, place.out()), console);
    MarkdownReport.write(report, charts, place.file("kv.md"));
    ConsoleReport.printSummary(report, console);
    console.println(Drawing.written(place.out(), "kv", charts));
  }
}
