package io.howdah.bench;

import io.howdah.bench.job.JobBench;
import io.howdah.bench.job.JobBenchResult;
import io.howdah.bench.job.JobBenchSettings;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.JobReport;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench jobs}: jobs beside those of db-scheduler and JobRunr. */
@Command(
    name = "jobs",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures jobs beside those of db-scheduler and JobRunr, on one Postgres, in alternating rounds;"
          + " and taking with many finished and due jobs.",
      "A job that is lost, or done twice, makes the exit code 1.",
      ""
    })
public final class JobsCommand implements Callable<Integer> {
  private static final List<String> ALL = List.of("howdah", "db-scheduler", "jobrunr");

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "TARGET",
      defaultValue = "howdah,db-scheduler,jobrunr",
      description = "Who is measured (default: ${DEFAULT-VALUE}).")
  private List<String> targets = List.of();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Jobs in a round (default: ${DEFAULT-VALUE}).")
  private int jobs;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "32",
      description = "Threads that do jobs, and as many that enqueue (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--idle-jobs",
      paramLabel = "N",
      defaultValue = "50",
      description = "Jobs of a round that find everything idle (default: ${DEFAULT-VALUE}).")
  private int idleJobs;

  @Option(
      names = "--finished",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Finished jobs when taking is measured (default: ${DEFAULT-VALUE}).")
  private int finished;

  @Option(
      names = "--due",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Due jobs then; 0 leaves it out (default: ${DEFAULT-VALUE}).")
  private int due;

  @Option(
      names = "--held",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Jobs taken while another transaction keeps an old snapshot, at most half of --due; 0 leaves"
              + " it out (default: ${DEFAULT-VALUE}).")
  private int held;

  @Mixin private PlaceOptions place = new PlaceOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    JobBenchSettings settings = checkedSettings();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers =
          new Servers(
              folder, Map.of(), place.databaseUrl(), JobBench.connections(settings.threads()));
      Machine machine = Machine.detect(folder.fileSystem());
      ConsoleReport.printWarnings(machine, console);
      JobBench bench =
          new JobBench(settings, servers, line -> ConsoleReport.printLine(line, console));
      Startup.prepare(spec, bench::prepare);
      RunInfo run =
          PlaceOptions.runInfo(spec, machine, settings.asOptions(), servers, Libraries.jobs());
      ConsoleReport.printSetting(run, console);
      JobBenchResult result = bench.run();
      JobReport report = new JobReport(run, result);
      report.writeJson(place.file("jobs.json"));
      report.writeMarkdown(place.file("jobs.md"));
      report.printSummary(console);
      return Startup.exitCode(result.problems().isEmpty(), console);
    }
  }

  private JobBenchSettings checkedSettings() {
    try {
      for (String target : targets) {
        if (!ALL.contains(target)) {
          throw new IllegalArgumentException(
              "--targets must be of " + String.join(", ", ALL) + ", was '" + target + "'");
        }
      }
      return new JobBenchSettings(
          targets.stream().distinct().toList(),
          (int) Bounds.check("--jobs", jobs, 10, 10_000_000),
          (int) Bounds.check("--rounds", rounds, 1, 100),
          (int) Bounds.check("--threads", threads, 1, 200),
          (int) Bounds.check("--idle-jobs", idleJobs, 1, 10_000),
          (int) Bounds.check("--finished", finished, 0, 100_000_000),
          (int) Bounds.check("--due", due, 0, 10_000_000),
          (int) Bounds.check("--held", Math.min(held, due / 2), 0, 5_000_000));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
