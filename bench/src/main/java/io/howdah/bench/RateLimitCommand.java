package io.howdah.bench;

import io.howdah.bench.measure.Progress;
import io.howdah.bench.ratelimit.RateLimitBench;
import io.howdah.bench.ratelimit.RateLimitSettings;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code howdah bench ratelimit}: rate limits, measured side by side. */
@Command(
    name = "ratelimit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures rate limits in Redis, in Bucket4j on Postgres and in Howdah.",
      "",
      "Starts its own Redis and Postgres, on free ports, with data in a temporary folder. The"
          + " contestants take turns in short rounds. Whoever denies a call that has room, or allows"
          + " more or fewer than a limit says, makes the exit code 1.",
      ""
    })
public final class RateLimitCommand extends SideBySideCommand<RateLimitSettings> {

  @Mixin private RateLimitOptions options = new RateLimitOptions();

  @Override
  RateLimitOptions options() {
    return options;
  }

  @Override
  SideBySideBench<RateLimitSettings> bench(
      RateLimitSettings settings, Servers servers, Progress progress) {
    return new RateLimitBench(settings, servers, progress);
  }

  @Override
  Map<String, String> libraries() {
    return Libraries.rateLimiters();
  }
}
