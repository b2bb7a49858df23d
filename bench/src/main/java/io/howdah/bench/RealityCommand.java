package io.howdah.bench;

import io.howdah.bench.kv.KvBench;
import io.howdah.bench.kv.KvComparisons;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.ChartFile;
import io.howdah.bench.report.Claims;
import io.howdah.bench.report.Findings;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.report.RealityCharts;
import io.howdah.bench.report.Report;
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

/** {@code howdah bench reality}: what the background text claims, and what is measured. */
@Command(
    name = "reality",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what is said of Redis, Postgres, unlogged tables and PgBouncer.",
      "",
      "Redis; a standard table on one connection and with a pool; the same unlogged, and through"
          + " PgBouncer in transaction mode; Howdah direct and through PgBouncer; and pgbench with"
          + " the same statements as the yardstick. The contestants take turns in short rounds."
          + " Every answer but pgbench's is checked; a wrong one makes the exit code 1.",
      ""
    })
public final class RealityCommand extends SideBySideCommand<KvSettings> {

  @Mixin private RealityOptions options = new RealityOptions();

  @Mixin private PoolerOptions programs = new PoolerOptions();

  @Override
  RealityOptions options() {
    return options;
  }

  @Override
  SideBySideBench<KvSettings> bench(KvSettings settings, Servers servers, Progress progress) {
    return new KvBench(settings, servers, progress, KvComparisons.REALITY);
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
  Findings findings(KvSettings settings, Report report) {
    return Claims.of(report);
  }

  @Override
  List<ChartFile> draw(KvSettings settings, Report report, Path folder) throws IOException {
    return RealityCharts.write(report, folder);
  }
}
