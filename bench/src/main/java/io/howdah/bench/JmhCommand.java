package io.howdah.bench;

import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.Machine;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A benchmark of calls that need no database, by JMH. Its name is that of its file. */
abstract class JmhCommand implements Callable<Integer> {

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "JVMs that measure, one after the other; 0 is this one (default: ${DEFAULT-VALUE}).")
  private int forks;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Measured rounds of each case, after as many for warming up (default: 5).")
  private int rounds;

  @Option(
      names = "--millis",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "Length of a round (default: ${DEFAULT-VALUE}).")
  private int millis;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "bench-results",
      description = "Where its JSON file goes (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of(".");

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  private final Class<?> benchmarks;
  private final int threads;
  private final String unit;

  /** Those of a class, on so many threads; what a call is, in the plural. */
  JmhCommand(Class<?> benchmarks, int threads, String unit) {
    this.benchmarks = benchmarks;
    this.threads = threads;
    this.unit = unit;
  }

  @Override
  public final Integer call() throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    ChainedOptionsBuilder measured = checkedOptions();
    Files.createDirectories(out);
    Path file = out.resolve(spec.name() + ".json");
    Collection<RunResult> results;
    try (WorkFolder folder = WorkFolder.under(out)) {
      ConsoleReport.printWarnings(Machine.detect(folder.fileSystem()), console);
      String url = new Servers(folder, Map.of(), null, 20).postgres().jdbcUrl();
      results = new Runner(measured.param("url", url).result(file.toString()).build()).run();
    }
    console.printf("%-24s %20s%n", "case", unit + "/s");
    for (RunResult result : results) {
      Result<?> score = result.getPrimaryResult();
      console.printf(
          Locale.ROOT,
          "%-24s %,14.0f ± %,.0f%n",
          score.getLabel(),
          score.getScore(),
          score.getScoreError());
    }
    console.println("Written to " + file);
    console.flush();
    return ExitCode.OK;
  }

  private ChainedOptionsBuilder checkedOptions() {
    try {
      TimeValue round = TimeValue.milliseconds((long) Bounds.check("--millis", millis, 10, 60_000));
      int count = (int) Bounds.check("--rounds", rounds, 1, 100);
      return new OptionsBuilder()
          .include("^" + benchmarks.getName() + "\\.")
          .forks((int) Bounds.check("--forks", forks, 0, 10))
          .threads(threads)
          .warmupIterations(count)
          .warmupTime(round)
          .measurementIterations(count)
          .measurementTime(round)
          .resultFormat(ResultFormatType.JSON);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
