package io.howdah.bench;

import io.howdah.bench.kv.Dataset;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.kv.KvTargets;
import io.howdah.bench.kv.Workload;
import io.howdah.bench.scale.Axis;
import io.howdah.bench.scale.ScaleSettings;
import io.howdah.bench.server.Program;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench scale} that decide what is measured. */
final class ScaleOptions extends SideBySideOptions<ScaleSettings> {

  @Option(
      names = "--axis",
      required = true,
      paramLabel = "AXIS",
      description = {
        "Of what there is more and more: keys, values (their bytes), callers, latency (a proxy adds"
            + " microseconds to each round trip), processes (with all callers spread over them)."
      })
  private String axis = "";

  @Option(
      names = "--values",
      split = ",",
      paramLabel = "N",
      description = {
        "How much of it (default: 10k to 10M keys; 100 bytes to 16 KiB; 1 to 1,000 callers; 0 to 5"
            + " ms; 10 processes)."
      })
  private @Nullable List<Integer> values;

  @Option(
      names = "--callers",
      paramLabel = "N",
      description = {
        "Calling threads (default: 64; 256 with --axis latency; 1,000 with --axis processes)."
      })
  private @Nullable Integer callers;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "How many keys there are (default: 10000).")
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
      description = {
        "Workloads: get, set, increment (default: get,set; get with --axis latency and processes)."
      })
  private @Nullable List<String> ops;

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      completionCandidates = KeyOptions.TargetNames.class,
      description = {
        "Contestants (default: those that this axis is about and that can run):",
        "${COMPLETION-CANDIDATES}."
      })
  private @Nullable List<String> targets;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description =
          "Connections of each Howdah, 1 to 32 (default: the library's; 4 with --axis latency; 1 with --axis"
              + " processes).")
  private @Nullable Integer lanes;

  @Option(
      names = "--shared-buffers",
      paramLabel = "MIB",
      description = {
        "Shared buffers of the private Postgres (default: 256; a quarter of the machine's memory"
            + " with --axis keys).",
        "Gigabytes of them are slow without huge pages: sysctl vm.nr_hugepages."
      })
  private @Nullable Integer sharedBuffers;

  @Override
  ScaleSettings settings(Set<Program> programs) {
    Axis chosen = Bounds.constant("--axis", Axis.values(), axis);
    List<Integer> amounts = values != null ? values.stream().distinct().toList() : chosen.amounts();
    amounts.forEach(each -> check(chosen, each));
    int callingThreads = callers != null ? callers : chosen.callers();
    if (chosen != Axis.CALLERS) {
      Bounds.check("--callers", callingThreads, 1, 4_096);
    }
    if (chosen == Axis.PROCESSES && amounts.stream().anyMatch(each -> callingThreads % each != 0)) {
      throw new IllegalArgumentException(
          "--callers must be a multiple of --values, so that all processes have as many, was "
              + callingThreads);
    }
    return new ScaleSettings(
        chosen,
        amounts,
        schedule(),
        callingThreads,
        (int) Bounds.check("--keys", keys != null ? keys : 10_000, 1, 100_000_000),
        (int) Bounds.check("--value-bytes", valueBytes, Dataset.MIN_VALUE_BYTES, 1 << 20),
        (ops != null ? ops : chosen.ops()).stream().map(Workload::ofId).distinct().toList(),
        targets(targets, KvTargets.ALL, chosen.targets(), programs),
        connections(chosen),
        lanes != null ? (int) Bounds.check("--lanes", lanes, 1, 32) : chosen.lanes(),
        (int)
            Bounds.check(
                "--shared-buffers",
                sharedBuffers != null ? sharedBuffers : chosen.sharedBuffersMib(),
                16,
                1 << 20));
  }

  private int connections(Axis chosen) {
    return chosen == Axis.LATENCY && jdbcPool() == KvSettings.DEFAULT_JDBC_POOL
        ? ScaleSettings.CONNECTIONS_FAR_AWAY
        : jdbcPool();
  }

  private static void check(Axis axis, int value) {
    switch (axis) {
      case KEYS -> Bounds.check("--values", value, 1, 100_000_000);
      case VALUES -> Bounds.check("--values", value, Dataset.MIN_VALUE_BYTES, 1 << 20);
      case CALLERS -> Bounds.check("--values", value, 1, 4_096);
      case LATENCY -> Bounds.check("--values", value, 0, 10_000_000);
      case PROCESSES -> Bounds.check("--values", value, 1, 100);
    }
  }
}
