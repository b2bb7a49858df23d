package io.howdah.bench;

import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.sidebyside.SideBySideSettings;
import io.howdah.bench.sidebyside.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of every benchmark in which contestants take turns.
 *
 * @param <S> what they say
 */
abstract class SideBySideOptions<S extends SideBySideSettings> {

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of each contestant in each case (default: 5; quick: 3).")
  private @Nullable Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Length of a round, from 0.05 (default: 2; quick: 0.5).")
  private @Nullable Double seconds;

  @Option(
      names = "--first-warmup",
      paramLabel = "S",
      description = {
        "Unmeasured time of each contestant before the first round of a case (default: 3; quick:"
            + " 1).",
        "Java code is slow until it has been compiled, which takes this long with many threads."
      })
  private @Nullable Double firstWarmup;

  @Option(
      names = "--warmup",
      paramLabel = "S",
      description = "Unmeasured time right before each round (default: 0.7; quick: 0.2).")
  private @Nullable Double warmup;

  @Option(
      names = "--jdbc-pool",
      paramLabel = "N",
      defaultValue = "" + KvSettings.DEFAULT_JDBC_POOL,
      description = {
        "Largest number of pooled connections of a JDBC contestant (default: ${DEFAULT-VALUE}).",
        "The default was the best of 8, 10, 16 and 32 in bench kv on two cores; try others on more."
      })
  private int jdbcPool;

  @Option(
      names = "--quick",
      description = "A first impression in a few minutes; its figures are rough.")
  private boolean quick;

  /**
   * The settings, checked.
   *
   * @param redis whether there is a redis-server
   * @throws IllegalArgumentException when one is out of its bounds; the message names it
   */
  abstract S settings(boolean redis);

  Schedule schedule() {
    return new Schedule(
        (int) Bounds.check("--rounds", or(rounds, 3, 5), 1, 1_000),
        Bounds.duration(Bounds.check("--seconds", or(seconds, 0.5, 2.0), 0.05, 3_600)),
        Bounds.duration(Bounds.check("--first-warmup", or(firstWarmup, 1.0, 3.0), 0, 3_600)),
        Bounds.duration(Bounds.check("--warmup", or(warmup, 0.2, 0.7), 0, 3_600)));
  }

  int jdbcPool() {
    return (int) Bounds.check("--jdbc-pool", jdbcPool, 1, 1_000);
  }

  /** The numbers of threads. */
  List<Integer> threads(@Nullable List<Integer> given, List<Integer> otherwise) {
    List<Integer> counts = or(given, List.of(1, 64), otherwise);
    counts.forEach(each -> Bounds.check("--threads", each, 1, 4_096));
    return counts.stream().distinct().toList();
  }

  /** The names of the contestants. */
  static List<String> targets(@Nullable List<String> given, Targets<?, ?> all, boolean redis) {
    if (given == null) {
      return redis ? all.names() : all.namesWithoutRedis();
    }
    for (String name : given) {
      if (all.needsRedis(name) && !redis) {
        throw new IllegalArgumentException(
            "--targets "
                + name
                + " needs redis-server, which is not on the PATH: install it, or name it with"
                + " --redis-server");
      }
    }
    return given.stream().distinct().toList();
  }

  <T> T or(@Nullable T given, T whenQuick, T otherwise) {
    if (given != null) {
      return given;
    }
    return quick ? whenQuick : otherwise;
  }
}
