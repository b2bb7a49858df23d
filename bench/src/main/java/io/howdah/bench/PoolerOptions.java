package io.howdah.bench;

import io.howdah.bench.server.Program;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the programs are that stand around Postgres. */
final class PoolerOptions {

  @Option(
      names = "--pgbouncer",
      paramLabel = "PATH",
      description = "The pgbouncer to start (default: the one on the PATH, or in /usr/sbin).")
  private @Nullable Path pgbouncer;

  @Option(
      names = "--pgbench",
      paramLabel = "PATH",
      description = {
        "The pgbench to start (default: the one on the PATH, or else the newest in"
            + " /usr/lib/postgresql)."
      })
  private @Nullable Path pgbench;

  /** These, and others. */
  Map<Program, Optional<Path>> named(Map<Program, Optional<Path>> others) {
    Map<Program, Optional<Path>> all = new EnumMap<>(others);
    all.put(Program.PGBOUNCER, Optional.ofNullable(pgbouncer));
    all.put(Program.PGBENCH, Optional.ofNullable(pgbench));
    return all;
  }
}
