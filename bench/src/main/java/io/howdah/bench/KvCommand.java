package io.howdah.bench;

import io.howdah.bench.kv.KvBench;
import io.howdah.bench.kv.KvComparisons;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.server.Program;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
public final class KvCommand extends SideBySideCommand<KvSettings> {

  @Mixin private KvOptions options = new KvOptions();

  @Mixin private PoolerOptions programs = new PoolerOptions();

  @Override
  KvOptions options() {
    return options;
  }

  @Override
  SideBySideBench<KvSettings> bench(KvSettings settings, Servers servers, Progress progress) {
    return new KvBench(settings, servers, progress, KvComparisons.KV);
  }

  @Override
  Map<Program, Optional<Path>> programs() {
    return programs.named(super.programs());
  }

  @Override
  Map<String, String> libraries() {
    return Libraries.versions();
  }
}
