package io.howdah.bench.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary folder and the servers that live in it. Closing it, or ending the program with
 * Ctrl-C, stops the servers, last one first, and then removes the folder.
 */
public final class WorkFolder implements AutoCloseable {

  private final Path path;
  private final Deque<AutoCloseable> residents = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::clear, "bench-clean-up");
  private boolean cleared;

  private WorkFolder(Path path) {
    this.path = path;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Creates one under this folder. */
  public static WorkFolder under(Path parent) throws IOException {
    return new WorkFolder(
        Files.createTempDirectory(Files.createDirectories(parent), "howdah-bench"));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The file system that it is on, for example {@code ext4}; on a {@code tmpfs} fsync is free. */
  public String fileSystem() {
    try {
      return Files.getFileStore(path).type();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** Adds something that is to be closed before the folder is removed. */
  synchronized <T extends AutoCloseable> T add(T resident) {
    residents.push(resident);
    return resident;
  }

  Path createFolder(String name) throws IOException {
    return Files.createDirectory(path.resolve(name));
  }

  @Override
  public void close() {
    clear();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The program is ending, and the hook finds nothing left to do.
    }
  }

  private synchronized void clear() {
    if (cleared) {
      return;
    }
    cleared = true;
    while (!residents.isEmpty()) {
      try {
        residents.pop().close();
      } catch (Exception e) {
        System.err.println("could not stop a server of the benchmark: " + e);
      }
    }
    try {
      delete(path);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("could not remove " + path + ": " + e);
    }
  }

  static void delete(Path folder) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : deepestFirst) {
      Files.deleteIfExists(each);
    }
  }
}
