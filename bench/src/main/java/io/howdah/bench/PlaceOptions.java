package io.howdah.bench;

import io.howdah.bench.report.Machine;
import io.howdah.bench.report.RunInfo;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The options of every benchmark that say where things are; none changes what is measured. */
final class PlaceOptions {

  private static final Set<String> PATHS =
      Set.of("--redis-server", "--pgbouncer", "--pgbench", "--work-dir", "--out");

  @Option(
      names = "--database-url",
      paramLabel = "URL",
      description = {
        "JDBC URL of a Postgres to measure, instead of a private one.",
        "The schema howdah_bench in it, and those whose names begin with howdah_bench_engine, are"
            + " dropped, at the start and at the end."
      })
  private @Nullable String databaseUrl;

  @Option(
      names = "--work-dir",
      paramLabel = "DIR",
      description = {
        "Where the private servers keep their data while they run (default: in --out).",
        "A temporary folder in memory would make fsync free."
      })
  private @Nullable Path workDir;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "bench-results",
      description = "Where the results go (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of(".");

  /** Null to start a private Postgres. */
  @Nullable String databaseUrl() {
    return databaseUrl;
  }

  /** Where a file of the results goes. */
  Path file(String name) {
    return out.resolve(name);
  }

  /** Where the results go. */
  Path out() {
    return out;
  }

  /** A folder for the private servers. */
  WorkFolder openWorkFolder() throws IOException {
    Files.createDirectories(out);
    return WorkFolder.under(workDir != null ? workDir : out);
  }

  /** The same, where the name of the command is that of the benchmark. */
  static RunInfo runInfo(
      CommandSpec spec,
      Machine machine,
      Map<String, String> settings,
      Servers servers,
      Map<String, String> libraries)
      throws IOException, SQLException {
    return runInfo(spec.name(), spec, machine, settings, servers, libraries);
  }

  /**
   * What is known of a run before it measures; the servers run by now.
   *
   * @param benchmark what the files of its results begin with
   */
  static RunInfo runInfo(
      String benchmark,
      CommandSpec spec,
      Machine machine,
      Map<String, String> settings,
      Servers servers,
      Map<String, String> libraries)
      throws IOException, SQLException {
    return new RunInfo(
        benchmark,
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        typed(spec),
        machine,
        settings,
        servers.describe(),
        libraries);
  }

  /** As it was typed, but without paths, and without the database's URL: it may hold a password. */
  private static String typed(CommandSpec spec) {
    StringBuilder command = new StringBuilder("./howdah bench ").append(spec.name());
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptionsSet()) {
      if (option.longestName().equals("--database-url")) {
        command.append(" --database-url …");
      } else if (!PATHS.contains(option.longestName())) {
        command.append(' ').append(option.longestName());
        if (option.arity().max() > 0) {
          command.append(' ').append(String.join(",", option.originalStringValues()));
        }
      }
    }
    return command.toString();
  }
}
