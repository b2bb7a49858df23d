package io.howdah.bench;

import io.howdah.bench.functions.FunctionsSettings;
import io.howdah.bench.functions.Operation;
import io.howdah.bench.kv.Dataset;
import io.howdah.bench.measure.Schedule;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of {@code bench functions} that decide what is measured. */
final class FunctionsOptions {

  private static final int LARGEST_BATCH = 1_000;

  @Option(
      names = "--batch-sizes",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,8,32,128",
      description = "Keys in a statement, 1 to " + LARGEST_BATCH + " (default: ${DEFAULT-VALUE}).")
  private List<Integer> sizes = List.of();

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "get,set",
      description = "Operations: get, set (default: both).")
  private List<String> ops = List.of();

  @Option(
      names = "--levels",
      split = ",",
      paramLabel = "LEVEL",
      defaultValue = "ephemeral,relaxed",
      description = {
        "Durability of the namespaces: ephemeral, relaxed, durable (default: ${DEFAULT-VALUE}).",
        "A durable set waits for the disk, in which the cost of a function drowns."
      })
  private List<String> levels = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "9",
      description = "Rounds of each case (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "Length of a round, from 0.05 (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--first-warmup",
      paramLabel = "S",
      defaultValue = "2",
      description = "Unmeasured time before the first round of a case (default: ${DEFAULT-VALUE}).")
  private double firstWarmup;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      defaultValue = "0.1",
      description = "Unmeasured time before each round (default: ${DEFAULT-VALUE}).")
  private double warmup;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "100000",
      description =
          "How many keys there are, at least as many as a batch has (default: ${DEFAULT-VALUE}).")
  private int keys;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "Length of each value, from " + Dataset.MIN_VALUE_BYTES + " (default: 100).")
  private int valueBytes;

  /**
   * The settings, checked.
   *
   * @throws IllegalArgumentException when one is out of its bounds; the message names it
   */
  FunctionsSettings settings() {
    sizes.forEach(each -> Bounds.check("--batch-sizes", each, 1, LARGEST_BATCH));
    int largest = sizes.stream().mapToInt(Integer::intValue).max().orElse(1);
    return new FunctionsSettings(
        ops.stream()
            .map(each -> Bounds.constant("--ops", Operation.values(), each))
            .distinct()
            .toList(),
        levels.stream().map(each -> Bounds.level("--levels", each)).distinct().toList(),
        sizes.stream().distinct().toList(),
        new Schedule(
            (int) Bounds.check("--rounds", rounds, 1, 1_000),
            Bounds.duration(Bounds.check("--seconds", seconds, 0.05, 3_600)),
            Bounds.duration(Bounds.check("--first-warmup", firstWarmup, 0, 3_600)),
            Bounds.duration(Bounds.check("--warmup", warmup, 0, 3_600))),
        (int) Bounds.check("--keys", keys, largest, 100_000_000),
        (int) Bounds.check("--value-bytes", valueBytes, Dataset.MIN_VALUE_BYTES, 1 << 20));
  }
}
