package io.howdah.bench;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.preference.PreferenceBench;
import io.howdah.bench.preference.PreferenceSettings;
import io.howdah.bench.report.ConsoleProgress;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.JsonReport;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.PreferencesReport;
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
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah bench preferences}: hstore against JSONB. */
@Command(
    name = "preferences",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures preferences in hstore against JSONB, and a row for each key.",
      "",
      "Sets and gets one key of 20, gets all, and finds users by a value. Needs the extension"
          + " hstore. Every answer is checked; a wrong one makes the exit code 1.",
      ""
    })
public final class PreferencesCommand implements Callable<Integer> {

  /** One to measure with, and a few for loading and settling. */
  private static final int CONNECTIONS = 20;

  @Option(
      names = "--users",
      paramLabel = "N",
      defaultValue = "20000",
      description = "How many users there are, from 1000 (default: ${DEFAULT-VALUE}).")
  private int users;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "9",
      description = "Rounds of each case (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "Length of a round, from 0.05 (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--first-warmup",
      paramLabel = "S",
      defaultValue = "2",
      description = "Unmeasured time before the first round of a case (default: ${DEFAULT-VALUE}).")
  private double firstWarmup;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      defaultValue = "0.1",
      description = "Unmeasured time before each round (default: ${DEFAULT-VALUE}).")
  private double warmup;

  @Mixin private PlaceOptions place = new PlaceOptions();

  @SuppressWarnings("NullAway.Init") // picocli sets it before it runs the command
  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PreferenceSettings settings = checkedSettings();
    PrintWriter console = spec.commandLine().getOut();
    try (WorkFolder folder = place.openWorkFolder()) {
      Servers servers = new Servers(folder, Map.of(), place.databaseUrl(), CONNECTIONS);
      // Before the loading, which is a load itself.
      Machine machine = Machine.detect(folder.fileSystem());
      ConsoleReport.printWarnings(machine, console);
      PreferenceBench bench =
          new PreferenceBench(settings, servers, new ConsoleProgress(console, settings.schedule()));
      Startup.prepare(spec, bench::prepare);
      Map<String, Long> sizes = bench.sizes();
      Report empty =
          new Report(
              PlaceOptions.runInfo(
                  spec, machine, settings.asOptions(), servers, Libraries.postgresDriver()),
              settings.workloads(),
              bench.profiles(),
              bench.comparisons(),
              List.of());
      ConsoleReport.printSetting(empty.run(), console);
      List<CaseResult> results =
          bench.run(soFar -> JsonReport.write(empty.with(soFar), place.file("preferences.json")));
      Report report = empty.with(results);
      PreferencesReport.write(report, sizes, place.file("preferences.md"));
      PreferencesReport.printSummary(report, sizes, console);
      console.println("Written to " + place.out() + ": preferences.json, preferences.md");
      return Startup.exitCode(report.isValid(), console);
    }
  }

  private PreferenceSettings checkedSettings() {
    try {
      return new PreferenceSettings(
          new Schedule(
              (int) Bounds.check("--rounds", rounds, 1, 1_000),
              Bounds.duration(Bounds.check("--seconds", seconds, 0.05, 3_600)),
              Bounds.duration(Bounds.check("--first-warmup", firstWarmup, 0, 3_600)),
              Bounds.duration(Bounds.check("--warmup", warmup, 0, 3_600))),
          (int) Bounds.check("--users", users, PreferenceSettings.VALUES, 10_000_000));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
