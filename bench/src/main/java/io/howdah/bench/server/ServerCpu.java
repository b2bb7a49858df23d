package io.howdah.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The processor time of a Postgres and all its processes, as Linux counts it. Kept by the kernel,
 * so it is the same however busy the machine is with other things.
 */
public final class ServerCpu {

  /** What Linux tells of processes is in these ticks, whatever the kernel's own ones are. */
  private static final long NANOS_PER_TICK = 10_000_000;

  // The fields that follow the name of the program, from its state on.
  private static final int USER = 11;
  private static final int SYSTEM = 12;
  private static final int ENDED_CHILDREN_USER = 13;
  private static final int ENDED_CHILDREN_SYSTEM = 14;

  private final ProcessHandle postmaster;

  private ServerCpu(ProcessHandle postmaster) {
    this.postmaster = postmaster;
  }

  /** That of the server with this data directory; empty where there is no Linux to ask. */
  static Optional<ServerCpu> of(Path dataDirectory) {
    try {
      List<String> lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"));
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .map(ServerCpu::new)
          .filter(each -> !each.used().isZero());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What they have used since the server was started; zero when it is not known. */
  public Duration used() {
    // The time of a child goes to its parent when it ends: the parent first, or it counts twice.
    long ticks = ticks(postmaster, true);
    ticks += postmaster.children().mapToLong(child -> ticks(child, false)).sum();
    return Duration.ofNanos(ticks * NANOS_PER_TICK);
  }

  private static long ticks(ProcessHandle process, boolean withEndedChildren) {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
      return withEndedChildren
          ? ticks
              + Long.parseLong(fields[ENDED_CHILDREN_USER])
              + Long.parseLong(fields[ENDED_CHILDREN_SYSTEM])
          : ticks;
    } catch (IOException e) {
      // It ended meanwhile.
      return 0;
    }
  }
}
