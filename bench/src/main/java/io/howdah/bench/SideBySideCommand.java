package io.howdah.bench;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.Charts;
import io.howdah.bench.report.ConsoleProgress;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.JsonReport;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.MarkdownReport;
import io.howdah.bench.report.Report;
import io.howdah.bench.server.RedisServer;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import io.howdah.bench.sidebyside.SideBySideBench;
import io.howdah.bench.sidebyside.SideBySideSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A benchmark in which contestants take turns. Its name is that of its files.
 *
 * @param <S> what is measured
 */
abstract class SideBySideCommand<S extends SideBySideSettings> implements Callable<Integer> {

  @Mixin private PlaceOptions place = new PlaceOptions();

  @Option(
      names = "--redis-server",
      paramLabel = "PATH",
      description = "The redis-server to start (default: the one on the PATH).")
  private @Nullable Path redisServer;

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  abstract SideBySideOptions<S> options();

  abstract SideBySideBench<S> bench(S settings, Servers servers, Progress progress);

  /** The versions of what is compared. */
  abstract Map<String, String> libraries();

  @Override
  public final Integer call() throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    Path redis = redisServer != null ? redisServer : RedisServer.onPath().orElse(null);
    S settings = checkedSettings(redis);
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

  private S checkedSettings(@Nullable Path redis) {
    try {
      if (redis != null) {
        // Asked only because what is no Redis does not tell one.
        String unused = RedisServer.version(redis);
      }
      return options().settings(redis != null);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "--redis-server does not run: " + e.getMessage(), e);
    }
  }

  private Report measure(S settings, Servers servers, String fileSystem) throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    // Before the loading, which is a load itself.
    Machine machine = Machine.detect(fileSystem);
    ConsoleReport.printWarnings(machine, console);
    SideBySideBench<S> bench =
        bench(settings, servers, new ConsoleProgress(console, settings.schedule()));
    Startup.prepare(spec, bench::prepare);
    Report report =
        new Report(
            PlaceOptions.runInfo(spec, machine, settings.asOptions(), servers, libraries()),
            settings.workloadInfos(),
            bench.profiles(),
            bench.comparisons(),
            List.of());
    ConsoleReport.printSetting(report.run(), console);
    List<CaseResult> results = bench.run(soFar -> caseDone(report.with(soFar), console));
    return report.with(results);
  }

  /** Whatever ends a long run early, the cases that were measured are in the file. */
  private void caseDone(Report report, PrintWriter console) {
    JsonReport.write(report, place.file(spec.name() + ".json"));
    Case last = report.results().get(report.results().size() - 1).measured();
    ConsoleReport.printCase(report, last, console);
  }

  private void write(Report report, PrintWriter console) throws Exception {
    JsonReport.write(report, place.file(spec.name() + ".json"));
    List<ChartFile> charts = Drawing.of(() -> Charts.write(report, place.out()), console);
    MarkdownReport.write(report, charts, place.file(spec.name() + ".md"));
    ConsoleReport.printSummary(report, console);
    console.println(Drawing.written(place.out(), spec.name(), charts));
  }
}
