package io.howdah.bench;

import io.howdah.bench.kv.JsonValues;
import io.howdah.bench.neighbour.NeighbourSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench neighbour} that decide what is measured. */
final class NeighbourOptions {

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "N",
      defaultValue = "500,2000,5000",
      description = "Howdah's calls per second, each a case (default: ${DEFAULT-VALUE}).")
  private List<Integer> rates = List.of();

  @Option(
      names = "--levels",
      split = ",",
      paramLabel = "LEVEL",
      defaultValue = "ephemeral,relaxed,durable",
      description =
          "Durability of the namespaces: ephemeral, relaxed, durable (default: ${DEFAULT-VALUE}).")
  private List<String> levels = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "16",
      description = "Threads that call Howdah (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "How many keys there are in each namespace (default: 100000; quick: 10000).")
  private @Nullable Integer keys;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "Length of each value, from " + JsonValues.MIN_VALUE_BYTES + " (default: 100).")
  private int valueBytes;

  @Option(
      names = "--scale",
      paramLabel = "N",
      description = {
        "Scale of pgbench's tables, 16 MB each, at least --clients (default: 10; quick: 8)."
      })
  private @Nullable Integer scale;

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "8",
      description = "Connections of pgbench (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--share",
      paramLabel = "X",
      defaultValue = "0.6",
      description =
          "Share of its maximum that pgbench is driven at, 0.01 to 1 (default: ${DEFAULT-VALUE}).")
  private double share;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of each case, which take turns (default: 5; quick: 3).")
  private @Nullable Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Length of a round, from 1 (default: 8; quick: 3).")
  private @Nullable Integer seconds;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      description = "Unmeasured time before each round, from 1 (default: 2; quick: 1).")
  private @Nullable Integer warmup;

  @Option(
      names = "--maximum-seconds",
      paramLabel = "S",
      description =
          "Length of each of the three searches for pgbench's maximum (default: 10; quick: 3).")
  private @Nullable Integer maximumSeconds;

  @Option(
      names = "--wal-seconds",
      paramLabel = "S",
      description = {
        "How long Howdah's part of the log is measured, twice for each rate and level (default: 5;"
            + " quick: 2)."
      })
  private @Nullable Integer walSeconds;

  @Option(
      names = "--quick",
      description = "A first impression in some minutes; its figures are rough.")
  private boolean quick;

  /**
   * The settings, checked.
   *
   * @throws IllegalArgumentException when one is out of its bounds; the message names it
   */
  NeighbourSettings settings() {
    rates.forEach(each -> Bounds.check("--rates", each, 1, 1_000_000));
    Bounds.check("--clients", clients, 1, 1_000);
    return new NeighbourSettings(
        levels.stream().map(each -> Bounds.level("--levels", each)).distinct().toList(),
        rates.stream().distinct().toList(),
        (int) Bounds.check("--threads", threads, 1, 4_096),
        number("--keys", keys, 10_000, 100_000, 1, 100_000_000),
        (int) Bounds.check("--value-bytes", valueBytes, JsonValues.MIN_VALUE_BYTES, 1 << 20),
        number("--scale", scale, Math.max(8, clients), Math.max(10, clients), clients, 10_000),
        clients,
        Bounds.check("--share", share, 0.01, 1),
        number("--rounds", rounds, 3, 5, 1, 1_000),
        number("--seconds", seconds, 3, 8, 1, 3_600),
        number("--warmup", warmup, 1, 2, 1, 3_600),
        number("--maximum-seconds", maximumSeconds, 3, 10, 1, 3_600),
        number("--wal-seconds", walSeconds, 2, 5, 1, 3_600));
  }

  private int number(
      String option, @Nullable Integer given, int whenQuick, int otherwise, int min, int max) {
    int value = given != null ? given : quick ? whenQuick : otherwise;
    return (int) Bounds.check(option, value, min, max);
  }
}
