package io.howdah.server.postgres;

import io.howdah.server.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The running main process of a Postgres, as its {@code postmaster.pid} tells. */
final class Postmaster {
  /** A shutdown writes a checkpoint, which takes its time on a slow disk. */
  private static final Duration SHUTDOWN = Duration.ofMinutes(1);

  private static final long LOOK_EVERY_NANOS = 20_000_000;
  private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(1);

  /** Of Linux only. */
  private static final Path PROCESSES = Path.of("/proc");

  private final ProcessHandle process;

  private Postmaster(ProcessHandle process) {
    this.process = process;
  }

  /**
   * The one that runs on these files; empty when none does, also when a crash left the file behind.
   */
  static Optional<Postmaster> on(Path postgres) {
    List<String> lines;
    try {
      lines = Files.readAllLines(postgres.resolve("postmaster.pid"));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StartupException("cannot read the postmaster.pid in " + postgres + ": " + e, e);
    }
    if (lines.size() < 3) {
      // Just being written: it has no clients yet, and the lock of the folder keeps others away.
      return Optional.empty();
    }
    try {
      Instant started = Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()));
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(process ->
              isRunning(process)
                  && isPostgres(process)
                  && began(process, started)
                  && worksIn(process, postgres))
          .map(Postmaster::new);
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Where the system tells; the others are asked in any case. */
  private static boolean isPostgres(ProcessHandle process) {
    return process.info().command().map(command -> command.contains("postgres")).orElse(true);
  }

  /** After a crash the number may belong to any other process, also to another Postgres. */
  private static boolean began(ProcessHandle process, Instant started) {
    return process
        .info()
        .startInstant()
        .map(begun -> Duration.between(begun, started).abs().compareTo(CLOCK_DIFFERENCE) < 0)
        .orElse(false);
  }

  /** The file may be a copy; a Postgres works in the folder of its data. */
  private static boolean worksIn(ProcessHandle process, Path postgres) {
    if (!Files.exists(PROCESSES.resolve("self/cwd"), LinkOption.NOFOLLOW_LINKS)) {
      return true; // no Linux: nothing tells
    }
    try {
      return Files.isSameFile(
          PROCESSES.resolve(Long.toString(process.pid())).resolve("cwd"), postgres);
    } catch (IOException e) {
      return false; // somebody else's, or just gone
    }
  }

  /** Stops the one that a killed server left running on these files, if any. */
  static void stopLeftOver(Path postgres, Consumer<String> announce) {
    Postmaster.on(postgres)
        .ifPresent(left -> {
          announce.accept(
              "a Postgres of an earlier run is still running on "
                  + postgres
                  + " (process id "
                  + left.pid()
                  + "); stopping it");
          if (!left.stop()) {
            throw new StartupException(
                "the Postgres of an earlier run (process id "
                    + left.pid()
                    + ") is still running on "
                    + postgres
                    + " and does not stop; stop it, then start again");
          }
        });
  }

  long pid() {
    return process.pid();
  }

  boolean isRunning() {
    return isRunning(process);
  }

  /**
   * Who has ended stays in the list of processes until its parent takes notice; in a container that
   * may be never.
   */
  private static boolean isRunning(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    try {
      String stat =
          Files.readString(
              PROCESSES.resolve(Long.toString(process.pid())).resolve("stat"),
              StandardCharsets.ISO_8859_1);
      int state = stat.lastIndexOf(')') + 2;
      return state >= stat.length() || stat.charAt(state) != 'Z';
    } catch (IOException e) {
      return process.isAlive(); // no Linux, or just gone
    }
  }

  /**
   * Asks for a fast shutdown: transactions are rolled back, everything is written to disk. Whether
   * it ended in time.
   */
  boolean stop() {
    if (!isRunning()) {
      return true;
    }
    try {
      // Java can send SIGTERM only, at which Postgres would wait for its clients to leave.
      int unused =
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      boolean unused = process.destroy(); // no such program: Windows
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    return awaitExit();
  }

  private boolean awaitExit() {
    long giveUpAt = System.nanoTime() + SHUTDOWN.toNanos();
    while (isRunning() && System.nanoTime() - giveUpAt < 0) {
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    return !isRunning();
  }
}
