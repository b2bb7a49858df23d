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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
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

  private static final Set<String> PATHS = Set.of("--redis-server", "--work-dir", "--out");

  @Mixin private KvOptions options = new KvOptions();

  @Option(
      names = "--postgres-url",
      paramLabel = "URL",
      description = {
        "JDBC URL of a Postgres to measure, instead of a private one.",
        "The schemas howdah_bench and howdah_bench_engine in it are dropped, at the start and at"
            + " the end."
      })
  private @Nullable String postgresUrl;

  @Option(
      names = "--redis-server",
      paramLabel = "PATH",
      description = "The redis-server to start (default: the one on the PATH).")
  private @Nullable Path redisServer;

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description = {
        "Where the private servers keep their data while they run (default: in --out).",
        "A temporary folder in memory would make fsync free."
      })
  private @Nullable Path workDir;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "bench-results",
      description = "Where kv.json, kv.md and the charts go (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of(".");

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
    Files.createDirectories(out);
    try (WorkFolder folder = WorkFolder.under(workDir != null ? workDir : out)) {
      Report report =
          measure(
              settings,
              new Servers(folder, redis, postgresUrl, settings.postgresConnections()),
              folder.fileSystem());
      write(report, console);
      return report.isValid() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private KvSettings checkedSettings(@Nullable Path redis) {
    try {
      if (redis != null) {
        RedisServer.version(redis);
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
    prepare(bench);
    Report report =
        new Report(
            "kv",
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            command(),
            machine,
            settings.asOptions(),
            servers.describe(),
            Libraries.versions(),
            settings.workloads().stream().map(Workload::info).toList(),
            bench.profiles(),
            bench.comparisons(),
            List.of());
    ConsoleReport.printSetting(report, console);
    List<CaseResult> results = bench.run(soFar -> caseDone(report.with(soFar), console));
    return report.with(results);
  }

  private void prepare(KvBench bench) throws Exception {
    try {
      bench.prepare();
    } catch (IllegalStateException | IOException | SQLException e) {
      throw new ParameterException(spec.commandLine(), "Cannot start: " + e.getMessage(), e);
    }
  }

  /** Whatever ends a long run early, the cases that were measured are in the file. */
  private void caseDone(Report report, PrintWriter console) {
    JsonReport.write(report, out.resolve("kv.json"));
    Case last = report.results().get(report.results().size() - 1).measured();
    ConsoleReport.printCase(report, last, console);
  }

  private void write(Report report, PrintWriter console) throws Exception {
    JsonReport.write(report, out.resolve("kv.json"));
    List<ChartFile> charts = charts(report, console);
    MarkdownReport.write(report, charts, out.resolve("kv.md"));
    ConsoleReport.printSummary(report, console);
    console.println(
        "Written to "
            + out
            + ": kv.json, kv.md"
            + charts.stream()
                .map(chart -> ", " + chart.baseName() + ".svg and .png")
                .collect(Collectors.joining()));
    if (!report.isValid()) {
      console.println("NOT VALID: there were wrong answers or failures; see PROBLEM above.");
    }
    console.flush();
  }

  /** A JDK without fonts cannot draw; the figures are worth having all the same. */
  private List<ChartFile> charts(Report report, PrintWriter console) throws IOException {
    try {
      return Charts.write(report, out);
    } catch (LinkageError | InternalError | NullPointerException e) {
      console.println("No charts: this JDK cannot draw text, is fontconfig installed? " + e);
      return List.of();
    }
  }

  /** As it was typed, but without paths, and without the database's URL: it may hold a password. */
  private String command() {
    StringBuilder command = new StringBuilder("./howdah bench kv");
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptionsSet()) {
      if (option.longestName().equals("--postgres-url")) {
        command.append(" --postgres-url …");
      } else if (!PATHS.contains(option.longestName())) {
        command.append(' ').append(option.longestName());
        if (option.arity().max() > 0) {
          command.append(' ').append(String.join(",", option.originalStringValues()));
        }
      }
    }
    return command.toString();
  }
}
