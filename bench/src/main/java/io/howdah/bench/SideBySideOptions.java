package io.howdah.bench;

import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.server.Program;
import io.howdah.bench.sidebyside.SideBySideSettings;
import io.howdah.bench.sidebyside.Targets;
import java.util.List;
import java.util.Set;
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
   * @param programs which there are
   * @throws IllegalArgumentException when one is out of its bounds; the message names it
   */
  abstract S settings(Set<Program> programs);

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

  /**
   * The names of the contestants.
   *
   * @param otherwise those that take part, as far as their programs are there, when none are given
   */
  static List<String> targets(
      @Nullable List<String> given,
      Targets<?, ?> all,
      List<String> otherwise,
      Set<Program> programs) {
    if (given == null) {
      return otherwise.stream().filter(all.names(programs)::contains).toList();
    }
    for (String name : given) {
      for (Program program : all.programs(name)) {
        if (!programs.contains(program)) {
          throw new IllegalArgumentException(
              "--targets %s needs %s, which is not on the PATH: install it, or name it with %s"
                  .formatted(name, program.command(), program.option()));
        }
      }
    }
    return given.stream().distinct().toList();
  }

  static List<String> targets(
      @Nullable List<String> given, Targets<?, ?> all, Set<Program> programs) {
    return targets(given, all, all.names(), programs);
  }

  <T> T or(@Nullable T given, T whenQuick, T otherwise) {
    if (given != null) {
      return given;
    }
    return quick ? whenQuick : otherwise;
  }
}
