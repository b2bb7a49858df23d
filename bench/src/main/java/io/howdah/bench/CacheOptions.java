package io.howdah.bench;

import io.howdah.bench.cache.CacheBenchSettings;
import io.howdah.bench.cache.CacheTargets;
import io.howdah.bench.cache.Workload;
import io.howdah.bench.kv.JsonValues;
import io.howdah.bench.server.Program;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench cache} that decide what is measured. */
final class CacheOptions extends SideBySideOptions<CacheBenchSettings> {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of calling threads, 1 to 4096 (default: 1,8,64; quick: 1,64).")
  private @Nullable List<Integer> threads;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many values there are (default: ${DEFAULT-VALUE}).")
  private int keys;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Length of each value (default: ${DEFAULT-VALUE}).")
  private int valueBytes;

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "hit,changing",
      description = {
        "Workloads: hit, all values are there; changing, one call in a hundred evicts, and who"
            + " misses computes (default: all)."
      })
  private List<String> ops = List.of();

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      completionCandidates = TargetNames.class,
      description = "Contestants (default: all that can run): ${COMPLETION-CANDIDATES}.")
  private @Nullable List<String> targets;

  @Override
  CacheBenchSettings settings(Set<Program> programs) {
    return new CacheBenchSettings(
        threads(threads, List.of(1, 8, 64)),
        schedule(),
        (int) Bounds.check("--keys", keys, 1, 100_000_000),
        (int) Bounds.check("--value-bytes", valueBytes, JsonValues.MIN_VALUE_BYTES, 1 << 20),
        ops.stream().map(Workload::ofId).distinct().toList(),
        targets(targets, CacheTargets.ALL, programs),
        jdbcPool());
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return CacheTargets.ALL.names().iterator();
    }
  }
}
