package io.howdah.bench;

import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.session.SessionBenchSettings;
import io.howdah.bench.session.SessionTargets;
import io.howdah.bench.session.Workload;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench session} that decide what is measured. */
final class SessionOptions {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of calling threads, 1 to 4096 (default: 1,8,64; quick: 1,64).")
  private @Nullable List<Integer> threads;

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
      names = "--sessions",
      paramLabel = "N",
      description = "How many sessions there are (default: 20000; quick: 5000).")
  private @Nullable Integer sessions;

  @Option(
      names = "--session-bytes",
      paramLabel = "N",
      defaultValue = "500",
      description = "About how many bytes each holds, as JSON (default: ${DEFAULT-VALUE}).")
  private int sessionBytes;

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "touch,change",
      description = {
        "Workloads: touch, which reads a session and notes its use; change, which also sets an"
            + " attribute (default: all)."
      })
  private List<String> ops = List.of();

  @Option(
      names = "--targets",
      split = ",",
      paramLabel = "NAME",
      completionCandidates = TargetNames.class,
      description = "Contestants (default: all that can run): ${COMPLETION-CANDIDATES}.")
  private @Nullable List<String> targets;

  @Option(
      names = "--jdbc-pool",
      paramLabel = "N",
      defaultValue = "" + KvSettings.DEFAULT_JDBC_POOL,
      description = {
        "Largest number of pooled connections of a JDBC contestant (default: ${DEFAULT-VALUE}).",
        "The default is that of bench kv; try others on more than two cores."
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
  SessionBenchSettings settings(boolean redis) {
    List<Integer> threadCounts = or(threads, List.of(1, 64), List.of(1, 8, 64));
    threadCounts.forEach(each -> Bounds.check("--threads", each, 1, 4_096));
    return new SessionBenchSettings(
        threadCounts.stream().distinct().toList(),
        new Schedule(
            (int) Bounds.check("--rounds", or(rounds, 3, 5), 1, 1_000),
            Bounds.duration(Bounds.check("--seconds", or(seconds, 0.5, 2.0), 0.05, 3_600)),
            Bounds.duration(Bounds.check("--first-warmup", or(firstWarmup, 1.0, 3.0), 0, 3_600)),
            Bounds.duration(Bounds.check("--warmup", or(warmup, 0.2, 0.7), 0, 3_600))),
        (int) Bounds.check("--sessions", or(sessions, 5_000, 20_000), 1, 10_000_000),
        (int)
            Bounds.check(
                "--session-bytes", sessionBytes, SessionBenchSettings.LEAST_SESSION_BYTES, 1 << 19),
        ops.stream().map(Workload::ofId).distinct().toList(),
        targetNames(redis),
        (int) Bounds.check("--jdbc-pool", jdbcPool, 1, 1_000));
  }

  private List<String> targetNames(boolean redis) {
    if (targets == null) {
      return redis ? SessionTargets.names() : SessionTargets.namesWithoutRedis();
    }
    for (String name : targets) {
      if (SessionTargets.needsRedis(name) && !redis) {
        throw new IllegalArgumentException(
            "--targets "
                + name
                + " needs redis-server, which is not on the PATH: install it, or name it with"
                + " --redis-server");
      }
    }
    return targets.stream().distinct().toList();
  }

  private <T> T or(@Nullable T given, T whenQuick, T otherwise) {
    if (given != null) {
      return given;
    }
    return quick ? whenQuick : otherwise;
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return SessionTargets.names().iterator();
    }
  }
}
