package io.howdah.bench;

import io.howdah.bench.expiry.ExpirySettings;
import io.howdah.bench.expiry.Part;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench expiry} that decide what is measured. */
final class ExpiryOptions {

  @Option(
      names = "--parts",
      split = ",",
      paramLabel = "PART",
      defaultValue = "refresh,mass,eviction",
      description = "What is measured: refresh, mass, eviction (default: all).")
  private List<String> parts = List.of();

  @Option(
      names = "--refresh-keys",
      paramLabel = "N",
      description = "How many values are refreshed (default: 100000; quick: 10000).")
  private @Nullable Integer refreshKeys;

  @Option(
      names = "--refresh-seconds",
      paramLabel = "S",
      description = "How long, in each order, from 0.5 (default: 60; quick: 5).")
  private @Nullable Double refreshSeconds;

  @Option(
      names = "--dead",
      paramLabel = "N",
      description = "How many values end at the same moment (default: 1000000; quick: 100000).")
  private @Nullable Integer dead;

  @Option(
      names = "--alive",
      paramLabel = "N",
      description = {
        "How many values among them are refreshed before, and read meanwhile (default: 10000;"
            + " quick: 1000)."
      })
  private @Nullable Integer alive;

  @Option(
      names = "--read-rate",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Reads per second meanwhile (default: ${DEFAULT-VALUE}).")
  private int readRate;

  @Option(
      names = "--eviction-keys",
      paramLabel = "N",
      description =
          "How many keys are asked for, with a Zipf distribution (default: 100000; quick: 20000).")
  private @Nullable Integer evictionKeys;

  @Option(
      names = "--eviction-size",
      paramLabel = "N",
      description =
          "How many of them the namespace may hold, from 100 (default: 10000; quick: 2000).")
  private @Nullable Integer evictionSize;

  @Option(
      names = "--eviction-rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Reads per second of that (default: ${DEFAULT-VALUE}).")
  private int evictionRate;

  @Option(
      names = "--eviction-seconds",
      paramLabel = "S",
      description = {
        "How long, from 1, of which the first third is not counted (default: 300; quick: 10).",
        "The sweeper learns only in minutes what is read."
      })
  private @Nullable Double evictionSeconds;

  @Option(names = "--quick", description = "A first impression in a minute; its figures are rough.")
  private boolean quick;

  /**
   * The settings, checked.
   *
   * @throws IllegalArgumentException when one is out of its bounds; the message names it
   */
  ExpirySettings settings() {
    int keys = number("--eviction-keys", evictionKeys, 20_000, 100_000, 200, 10_000_000);
    return new ExpirySettings(
        parts.stream()
            .map(each -> Bounds.constant("--parts", Part.values(), each))
            .distinct()
            .toList(),
        number("--refresh-keys", refreshKeys, 10_000, 100_000, 100, 10_000_000),
        seconds("--refresh-seconds", refreshSeconds, 5, 60, 0.5),
        number("--dead", dead, 100_000, 1_000_000, 1_000, 100_000_000),
        number("--alive", alive, 1_000, 10_000, 1, 1_000_000),
        (int) Bounds.check("--read-rate", readRate, 1, 1_000_000),
        keys,
        number("--eviction-size", evictionSize, 2_000, 10_000, 100, keys / 2),
        (int) Bounds.check("--eviction-rate", evictionRate, 1, 100_000),
        seconds("--eviction-seconds", evictionSeconds, 10, 300, 1));
  }

  private int number(
      String option, @Nullable Integer given, int whenQuick, int otherwise, int min, int max) {
    int value = given != null ? given : quick ? whenQuick : otherwise;
    return (int) Bounds.check(option, value, min, max);
  }

  private Duration seconds(
      String option, @Nullable Double given, double whenQuick, double otherwise, double min) {
    double value = given != null ? given : quick ? whenQuick : otherwise;
    return Bounds.duration(Bounds.check(option, value, min, 3_600));
  }
}
