package io.howdah.bench;

import io.howdah.bench.server.Program;
import io.howdah.bench.spring.SpringBenchSettings;
import io.howdah.bench.spring.SpringTargets;
import io.howdah.bench.spring.Workload;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code bench spring} that decide what is measured. */
final class SpringOptions extends SideBySideOptions<SpringBenchSettings> {

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      defaultValue = "64",
      description = "Numbers of calling threads, 1 to 4096 (default: ${DEFAULT-VALUE}).")
  private List<Integer> threads = List.of();

  @Option(
      names = "--sessions",
      paramLabel = "N",
      description = "How many sessions there are (default: 10000; quick: 2000).")
  private @Nullable Integer sessions;

  @Option(
      names = "--session-bytes",
      paramLabel = "N",
      defaultValue = "500",
      description = "About how many bytes each holds, as JSON (default: ${DEFAULT-VALUE}).")
  private int sessionBytes;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "How many values are cached (default: 10000; quick: 2000).")
  private @Nullable Integer keys;

  @Option(
      names = "--value-bytes",
      paramLabel = "N",
      defaultValue = "1000",
      description = "About how many bytes each is, as JSON (default: ${DEFAULT-VALUE}).")
  private int valueBytes;

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "OP",
      defaultValue = "touch,change,hit",
      description = {
        "Workloads: touch, which reads a session and notes its use; change, which also sets an"
            + " attribute; hit, which calls a @Cacheable method whose value is there (default: all)."
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
  SpringBenchSettings settings(Set<Program> programs) {
    return new SpringBenchSettings(
        threads(threads, List.of()),
        schedule(),
        (int) Bounds.check("--sessions", or(sessions, 2_000, 10_000), 1, 10_000_000),
        (int)
            Bounds.check(
                "--session-bytes", sessionBytes, SpringBenchSettings.LEAST_SESSION_BYTES, 1 << 19),
        (int) Bounds.check("--keys", or(keys, 2_000, 10_000), 1, 10_000_000),
        (int)
            Bounds.check(
                "--value-bytes", valueBytes, SpringBenchSettings.LEAST_VALUE_BYTES, 1 << 20),
        ops.stream().map(Workload::ofId).distinct().toList(),
        targets(targets, SpringTargets.ALL, programs),
        jdbcPool());
  }

  /** For the help text and for shell completion. */
  static final class TargetNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return SpringTargets.ALL.names().iterator();
    }
  }
}
