package io.howdah.bench;

import io.howdah.bench.cache.CacheBench;
import io.howdah.bench.cache.CacheBenchSettings;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.report.Libraries;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code howdah bench cache}: caches of computed values, measured side by side. */
@Command(
    name = "cache",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures caches of computed values: cache-aside in Redis, and Howdah.",
      "",
      "Starts its own Redis and Postgres, on free ports, with data in a temporary folder. The"
          + " contestants take turns in short rounds. A wrong value makes the exit code 1.",
      ""
    })
public final class CacheCommand extends SideBySideCommand<CacheBenchSettings> {

  @Mixin private CacheOptions options = new CacheOptions();

  @Override
  CacheOptions options() {
    return options;
  }

  @Override
  SideBySideBench<CacheBenchSettings> bench(
      CacheBenchSettings settings, Servers servers, Progress progress) {
    return new CacheBench(settings, servers, progress);
  }

  @Override
  Map<String, String> libraries() {
    return Libraries.caches();
  }
}
