package io.howdah.bench;

import io.howdah.bench.churn.ChurnSettings;
import io.howdah.bench.kv.JsonValues;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench churn} that decide what is measured. */
final class ChurnOptions {

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long the steady load is measured, from 1 (default: 600; quick: 60).")
  private @Nullable Double seconds;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Calls per second, all threads together (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--ttl",
      paramLabel = "S",
      description = {
        "Time to live of each value, from 1 (default: 120; quick: 60).",
        "It and --rate decide how many live values there are. Autovacuum comes once a minute: with"
            + " a time to live of seconds a table is as large as what a minute brings."
      })
  private @Nullable Double ttl;

  @Option(
      names = "--levels",
      split = ",",
      paramLabel = "LEVEL",
      defaultValue = "ephemeral,relaxed",
      description =
          "Durability of the namespaces: ephemeral, relaxed, durable (default: ${DEFAULT-VALUE}).")
  private List<String> levels = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "32",
      description = "Calling threads, at least one for each level (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      defaultValue = "100",
      description = "Length of each value, from " + JsonValues.MIN_VALUE_BYTES + " (default: 100).")
  private int valueBytes;

  @Option(
      names = "--snapshot",
      description = {
        "Hold a REPEATABLE READ snapshot open for the whole time, as a nightly dump does, and watch"
            + " the recovery after it."
      })
  private boolean snapshot;

  @Option(
      names = "--recovery",
      paramLabel = "S",
      description =
          "How long the load goes on after the snapshot, from 1 (default: 180; quick: 30).")
  private @Nullable Double recovery;

  @Option(
      names = "--sample",
      paramLabel = "S",
      description = "Time from one sample to the next, from 0.2 (default: 10; quick: 5).")
  private @Nullable Double sample;

  @Option(
      names = "--probe",
      paramLabel = "S",
      description = {
        "Length of a run at full speed (default: 2; quick: 1; 0 for none).",
        "A store that has become slower may still keep up with the steady rate. New values are left"
            + " out of it, because they would soon be many times as many."
      })
  private @Nullable Double probe;

  @Option(
      names = "--probe-every",
      paramLabel = "S",
      description = "Time from one such run to the next, from 1 (default: 60; quick: 15).")
  private @Nullable Double probeEvery;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      description = "Unmeasured time at full speed before all this (default: 15; quick: 5).")
  private @Nullable Double warmup;

  @Option(
      names = "--quick",
      description = "A first impression in a minute or two; its figures are rough.")
  private boolean quick;

  /**
   * The settings, checked.
   *
   * @throws IllegalArgumentException when one is out of its bounds; the message names it
   */
  ChurnSettings settings() {
    if (recovery != null && !snapshot) {
      throw new IllegalArgumentException("--recovery needs --snapshot");
    }
    var chosen = levels.stream().map(each -> Bounds.level("--levels", each)).distinct().toList();
    return new ChurnSettings(
        chosen,
        (int) Bounds.check("--rate", rate, 1, 1_000_000),
        (int) Bounds.check("--threads", threads, chosen.size(), 999),
        duration("--ttl", ttl, 60, 120, 1),
        (int) Bounds.check("--value-bytes", valueBytes, JsonValues.MIN_VALUE_BYTES, 1 << 20),
        duration("--seconds", seconds, 60, 600, 1),
        duration("--sample", sample, 5, 10, 0.2),
        duration("--probe", probe, 1, 2, 0),
        duration("--probe-every", probeEvery, 15, 60, 1),
        duration("--warmup", warmup, 5, 15, 0),
        snapshot ? duration("--recovery", recovery, 30, 180, 1) : Duration.ZERO);
  }

  private Duration duration(
      String option, @Nullable Double given, double whenQuick, double otherwise, double min) {
    double value = given != null ? given : quick ? whenQuick : otherwise;
    return Bounds.duration(Bounds.check(option, value, min, 86_400));
  }
}
