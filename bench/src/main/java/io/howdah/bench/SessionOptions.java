package io.howdah.bench;

import io.howdah.bench.server.Program;
import io.howdah.bench.session.SessionBenchSettings;
import io.howdah.bench.session.SessionTargets;
import io.howdah.bench.session.Workload;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench session} that decide what is measured. */
final class SessionOptions extends SideBySideOptions<SessionBenchSettings> {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      description = "Numbers of calling threads, 1 to 4096 (default: 1,8,64; quick: 1,64).")
  private @Nullable List<Integer> threads;

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

  @Override
  SessionBenchSettings settings(Set<Program> programs) {
    return new SessionBenchSettings(
        threads(threads, List.of(1, 8, 64)),
        schedule(),
        (int) Bounds.check("--sessions", or(sessions, 5_000, 20_000), 1, 10_000_000),
        (int)
            Bounds.check(
                "--session-bytes", sessionBytes, SessionBenchSettings.LEAST_SESSION_BYTES, 1 << 19),
        ops.stream().map(Workload::ofId).distinct().toList(),
        targets(targets, SessionTargets.ALL, programs),
        jdbcPool());
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return SessionTargets.ALL.names().iterator();
    }
  }
}
