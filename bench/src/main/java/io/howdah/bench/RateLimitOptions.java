package io.howdah.bench;

import io.howdah.bench.ratelimit.RateLimitSettings;
import io.howdah.bench.ratelimit.RateLimitTargets;
import io.howdah.bench.ratelimit.Workload;
import io.howdah.bench.server.Program;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench ratelimit} that decide what is measured. */
final class RateLimitOptions extends SideBySideOptions<RateLimitSettings> {

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
      description = "How many keys the spread calls choose from (default: ${DEFAULT-VALUE}).")
  private int keys;

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "spread,hot,denied",
      description = {
        "Workloads: spread, over all keys; hot, one key for all threads; denied, one key that"
            + " allows 100 calls a round, which are counted (default: all)."
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
  RateLimitSettings settings(Set<Program> programs) {
    return new RateLimitSettings(
        threads(threads, List.of(1, 8, 64)),
        schedule(),
        (int) Bounds.check("--keys", keys, 1, 100_000_000),
        ops.stream().map(Workload::ofId).distinct().toList(),
        targets(targets, RateLimitTargets.ALL, programs),
        jdbcPool());
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return RateLimitTargets.ALL.names().iterator();
    }
  }
}
