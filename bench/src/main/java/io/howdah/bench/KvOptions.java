package io.howdah.bench;

import io.howdah.bench.kv.KvTargets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench kv} that decide what is measured. */
final class KvOptions extends KeyOptions {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of calling threads, 1 to 4096 (default: 1,8,64,256; quick: 1,64).")
  private @Nullable List<Integer> threads;

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "get,set,mix",
      description = {
        "Workloads: get, set, mix, which is 90 %% get and 10 %% set, increment (default:"
            + " ${DEFAULT-VALUE})."
      })
  private List<String> ops = List.of();

  @Override
  List<Integer> threads() {
    return threads(threads, List.of(1, 8, 64, 256));
  }

  @Override
  List<String> ops() {
    return ops;
  }

  @Override
  List<String> usualTargets() {
    return KvTargets.KV;
  }
}
