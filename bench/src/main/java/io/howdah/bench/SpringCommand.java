package io.howdah.bench;

import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import io.howdah.bench.spring.SpringBench;
import io.howdah.bench.spring.SpringBenchSettings;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code howdah bench spring}: what the starter gives to Spring, measured side by side. */
@Command(
    name = "spring",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures Spring Session and @Cacheable on Howdah, on Redis, and sessions on JDBC.",
      "",
      "Starts its own Redis and Postgres, on free ports, with data in a temporary folder. The"
          + " contestants take turns in short rounds. Every answer is checked; a wrong one makes the"
          + " exit code 1.",
      ""
    })
public final class SpringCommand extends SideBySideCommand<SpringBenchSettings> {

  @Mixin private SpringOptions options = new SpringOptions();

  @Override
  SpringOptions options() {
    return options;
  }

  @Override
  SideBySideBench<SpringBenchSettings> bench(
      SpringBenchSettings settings, Servers servers, Progress progress) {
    return new SpringBench(settings, servers, progress);
  }

  @Override
  Map<String, String> libraries() {
    return Libraries.spring();
  }
}
