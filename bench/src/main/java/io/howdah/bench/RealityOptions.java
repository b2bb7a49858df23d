package io.howdah.bench;

import io.howdah.bench.kv.KvTargets;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code bench reality} that decide what is measured. */
final class RealityOptions extends KeyOptions {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      defaultValue = "64",
      description = {
        "Numbers of calling threads, 1 to 4096 (default: ${DEFAULT-VALUE}).",
        "One connection has one caller all the same."
      })
  private List<Integer> threads = List.of();

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "get,set,increment",
      description = "Workloads: get, set, increment (default: ${DEFAULT-VALUE}).")
  private List<String> ops = List.of();

  @Override
  List<Integer> threads() {
    return threads(threads, List.of());
  }

  @Override
  List<String> ops() {
    return ops;
  }

  @Override
  List<String> usualTargets() {
    return KvTargets.REALITY;
  }
}
