package io.howdah.bench;

import io.howdah.bench.kv.Dataset;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.kv.KvTargets;
import io.howdah.bench.kv.Variant;
import io.howdah.bench.kv.Workload;
import io.howdah.bench.server.Program;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the benchmarks of keys and values that decide what is measured. */
abstract class KeyOptions extends SideBySideOptions<KvSettings> {

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "How many keys there are (default: 100000; quick: 10000).")
  private @Nullable Integer keys;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "Length of each value, from " + Dataset.MIN_VALUE_BYTES + " (default: 100).")
  private int valueBytes;

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      completionCandidates = TargetNames.class,
      description = {
        "Contestants (default: those that this benchmark is about and that can run):",
        "${COMPLETION-CANDIDATES}."
      })
  private @Nullable List<String> targets;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "32",
      description = "Calls in flight for each thread of a pipelined contestant (default: 32).")
  private int window;

  /** The numbers of threads. */
  abstract List<Integer> threads();

  abstract List<String> ops();

  /** Who plays when nobody is named. */
  abstract List<String> usualTargets();

  @Override
  final KvSettings settings(Set<Program> programs) {
    return new KvSettings(
        threads(),
        schedule(),
        (int) Bounds.check("--keys", or(keys, 10_000, 100_000), 1, 100_000_000),
        (int) Bounds.check("--value-bytes", valueBytes, Dataset.MIN_VALUE_BYTES, 1 << 20),
        ops().stream().map(Workload::ofId).distinct().toList(),
        targets(targets, KvTargets.ALL, usualTargets(), programs),
        jdbcPool(),
        (int) Bounds.check("--window", window, 1, 10_000),
        Variant.STANDARD);
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return KvTargets.ALL.names().iterator();
    }
  }
}
