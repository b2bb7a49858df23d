package io.howdah.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real PgBouncer, with files of a test's. */
public final class PgBouncerProcess implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  /** As root it refuses to run, unless told as whom. */
  private static final String USER = "nobody";

  private final Process process;
  private final Path log;

  private PgBouncerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it and waits until it takes connections.
   *
   * @param program which one
   * @param ini its file, in a folder of the test's own, where its log goes as well
   * @param ownFiles what only whoever runs it may read
   */
  public static PgBouncerProcess start(Path program, Path ini, Path... ownFiles)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("-u", USER));
      for (Path file : ownFiles) {
        UserPrincipal owner =
            file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
        var unused = Files.setOwner(file, owner);
      }
    }
    command.add(ini.toString());
    Path log = ini.resolveSibling("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    PgBouncerProcess started = new PgBouncerProcess(process, log);
    // What accepts at its port may be another program: so it is believed, which says this last.
    Eventually.holds(
        "PgBouncer is up", () -> !process.isAlive() || started.log().contains("process up"));
    assertThat(process.isAlive()).as(started.log()).isTrue();
    return started;
  }

  /** A port that nobody listens on. */
  public static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /** What it has said so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    // Newer ones wait for their clients at the first signal, and end at the second.
    if (!process.waitFor(1, TimeUnit.SECONDS)) {
      process.destroy();
    }
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as(log()).isTrue();
  }
}
