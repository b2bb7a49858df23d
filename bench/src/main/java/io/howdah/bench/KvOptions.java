package io.howdah.bench;

import io.howdah.bench.kv.Dataset;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.kv.KvTargets;
import io.howdah.bench.kv.Workload;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench kv} that decide what is measured. */
final class KvOptions extends SideBySideOptions<KvSettings> {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of calling threads, 1 to 4096 (default: 1,8,64,256; quick: 1,64).")
  private @Nullable List<Integer> threads;

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
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "get,set,mix",
      description = "Workloads: get, set, mix, which is 90 %% get and 10 %% set (default: all).")
  private List<String> ops = List.of();

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      completionCandidates = TargetNames.class,
      description = "Contestants (default: all that can run): ${COMPLETION-CANDIDATES}.")
  private @Nullable List<String> targets;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "32",
      description = "Calls in flight for each thread of a pipelined contestant (default: 32).")
  private int window;

  @Override
  KvSettings settings(boolean redis) {
    return new KvSettings(
        threads(threads, List.of(1, 8, 64, 256)),
        schedule(),
        (int) Bounds.check("--keys", or(keys, 10_000, 100_000), 1, 100_000_000),
        (int) Bounds.check("--value-bytes", valueBytes, Dataset.MIN_VALUE_BYTES, 1 << 20),
        ops.stream().map(Workload::ofId).distinct().toList(),
        targets(targets, KvTargets.ALL, redis),
        jdbcPool(),
        (int) Bounds.check("--window", window, 1, 10_000));
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return KvTargets.ALL.names().iterator();
    }
  }
}
