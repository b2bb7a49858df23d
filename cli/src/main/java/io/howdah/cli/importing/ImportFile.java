package io.howdah.cli.importing;

import io.howdah.cli.CommandFailure;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is imported: a file, or standard input. */
public final class ImportFile {
  private final String name;
  private final @Nullable Path path;

  private ImportFile(String name, @Nullable Path path) {
    this.name = name;
    this.path = path;
  }

  /** By its name; {@code -} is standard input. */
  public static ImportFile of(String name) {
    if (name.equals("-")) {
      return new ImportFile(name, null);
    }
    Path path = Path.of(name);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new CommandFailure("cannot read the file " + name);
    }
    return new ImportFile(name, path);
  }

  public String name() {
    return name;
  }

  /** Whether a place in it means something later: not so in a pipe. */
  public boolean isResumable() {
    return path != null && Files.isRegularFile(path);
  }

  /** Another text when it is another file, or has been changed. */
  public String identity() throws IOException {
    Path file = required();
    return file.toRealPath()
        + "|"
        + Files.size(file)
        + "|"
        + Files.getLastModifiedTime(file).toMillis();
  }

  /** In bytes; -1 when that is not known. */
  public long size() throws IOException {
    return isResumable() ? Files.size(required()) : -1;
  }

  public InputStream open() throws IOException {
    return path == null
        ? new BufferedInputStream(new FileInputStream(FileDescriptor.in))
        : Files.newInputStream(path);
  }

  private Path required() {
    if (path == null) {
      throw new IllegalStateException("standard input");
    }
    return path;
  }
}
