package io.howdah.bench;

import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.Findings;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.Report;
import io.howdah.bench.report.Requirements;
import io.howdah.bench.report.ScaleCharts;
import io.howdah.bench.scale.ScaleBench;
import io.howdah.bench.scale.ScaleSettings;
import io.howdah.bench.server.Program;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code howdah bench scale}: how cost grows. */
@Command(
    name = "scale",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures how throughput changes with more keys, larger values, more callers, a slower network.",
      "",
      "Each contestant takes part with each amount, and all of them take turns in short rounds."
          + " Every answer is checked; a wrong one makes the exit code 1. Ten million keys take"
          + " some 10 GB of disk and 3 GB of memory.",
      ""
    })
public final class ScaleCommand extends SideBySideCommand<ScaleSettings> {

  @Mixin private ScaleOptions options = new ScaleOptions();

  @Mixin private PoolerOptions programs = new PoolerOptions();

  @Override
  ScaleOptions options() {
    return options;
  }

  @Override
  String name(ScaleSettings settings) {
    return super.name(settings) + "-" + settings.axis().id();
  }

  @Override
  SideBySideBench<ScaleSettings> bench(ScaleSettings settings, Servers servers, Progress progress) {
    return new ScaleBench(settings, servers, progress);
  }

  @Override
  Map<Program, Optional<Path>> programs() {
    return programs.named(super.programs());
  }

  @Override
  Map<String, String> libraries() {
    return Libraries.versions();
  }

  @Override
  Findings findings(ScaleSettings settings, Report report) {
    return Requirements.of(settings, report);
  }

  @Override
  List<ChartFile> draw(ScaleSettings settings, Report report, Path folder) throws IOException {
    return ScaleCharts.write(settings, report, folder);
  }
}
