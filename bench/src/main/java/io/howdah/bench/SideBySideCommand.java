package io.howdah.bench;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.Charts;
import io.howdah.bench.report.ConsoleProgress;
import io.howdah.bench.report.ConsoleReport;
import io.howdah.bench.report.Findings;
import io.howdah.bench.report.JsonReport;
import io.howdah.bench.report.Machine;
import io.howdah.bench.report.MarkdownReport;
import io.howdah.bench.report.Report;
import io.howdah.bench.server.Program;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import io.howdah.bench.sidebyside.SideBySideBench;
import io.howdah.bench.sidebyside.SideBySideSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** The programs that contestants may need, each with the one that the user names, if any. */
  Map<Program, Optional<Path>> programs() {
    return Map.of(Program.REDIS, Optional.ofNullable(redisServer));
  }

  /** What the files of the results begin with. */
  String name(S settings) {
    return spec.name();
  }

  /** What a reader is told before the figures. */
  Findings findings(S settings, Report report) {
    return Findings.NONE;
  }

  /** Draws the charts into a folder. */
  List<ChartFile> draw(S settings, Report report, Path folder) throws IOException {
    return Charts.write(report, folder);
  }

  @Override
  public final Integer call() throws Exception {
    PrintWriter console = spec.commandLine().getOut();
    Map<Program, Path> programs = foundPrograms(console);
    S settings = checkedSettings(programs.keySet());
    try (WorkFolder folder = place.openWorkFolder()) {
      Report report =
          measure(
              settings,
              new Servers(
                  folder,
                  programs,
                  place.databaseUrl(),
                  settings.postgresConnections(),
                  settings.sharedBuffersMib()),
              folder.fileSystem());
      write(settings, report, console);
      return Startup.exitCode(report.isValid(), console);
    }
  }

  private Map<Program, Path> foundPrograms(PrintWriter console) {
    Map<Program, Path> found = new EnumMap<>(Program.class);
    programs()
        .forEach((program, named) -> {
          try {
            Path path = named.isPresent() ? named.get() : program.find().orElse(null);
            if (path == null) {
              console.println(
                  program.command() + " is not on the PATH: what needs it is left out.");
              return;
            }
            // Asked only because what is another program does not tell one.
            String unused = program.version(path);
            found.put(program, path);
          } catch (IOException e) {
            throw new ParameterException(
                spec.commandLine(), program.option() + " does not run: " + e.getMessage(), e);
          }
        });
    return found;
  }

  private S checkedSettings(Set<Program> programs) {
    try {
      return options().settings(programs);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
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
            PlaceOptions.runInfo(
                name(settings), spec, machine, settings.asOptions(), servers, libraries()),
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
    JsonReport.write(report, place.file(report.run().benchmark() + ".json"));
    Case last = report.results().get(report.results().size() - 1).measured();
    ConsoleReport.printCase(report, last, console);
  }

  private void write(S settings, Report report, PrintWriter console) throws Exception {
    JsonReport.write(report, place.file(report.run().benchmark() + ".json"));
    List<ChartFile> charts = Drawing.of(() -> draw(settings, report, place.out()), console);
    MarkdownReport.write(
        report, findings(settings, report), charts, place.file(report.run().benchmark() + ".md"));
    ConsoleReport.printSummary(report, findings(settings, report), console);
    console.println(Drawing.written(place.out(), report.run().benchmark(), charts));
  }
}
