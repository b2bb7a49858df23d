package io.howdah.cli.pgbouncer;

import io.howdah.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;

/** Files in a folder: each of them whole, or as it was. */
public final class OutputFiles {
  /**
   * A file.
   *
   * @param isSecret whether only its owner may read it
   */
  public record Content(String name, String text, boolean isSecret) {
    /** Without the text. */
    @Override
    public String toString() {
      return name;
    }
  }

  private OutputFiles() {}

  /**
   * Writes them into a folder, which is made where it is missing. One that replaces another belongs
   * to whom that belonged: who could read it still can.
   *
   * @param replaces whether files that are there already are replaced
   * @throws CommandFailure when one is there and may not be replaced, and then none is written;
   *     when the folder cannot be written to
   */
  public static void write(Path folder, List<Content> files, boolean replaces) {
    for (Content file : files) {
      Path path = folder.resolve(file.name());
      if (!replaces && Files.exists(path)) {
        throw new CommandFailure(path + " is there already; --force replaces it");
      }
    }
    try {
      Files.createDirectories(folder);
      for (Content file : files) {
        write(folder, file);
      }
    } catch (FileSystemException e) {
      throw new CommandFailure("cannot write to " + folder + ": " + e, e);
    } catch (IOException e) {
      throw new CommandFailure("cannot write to " + folder + ": " + e.getMessage(), e);
    }
  }

  private static void write(Path folder, Content file) throws IOException {
    // For its owner only, from its first moment on.
    Path written = Files.createTempFile(folder, file.name(), ".new");
    try {
      Files.writeString(written, file.text());
      if (!file.isSecret() && Files.getFileStore(folder).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-r--r--"));
      }
      Path target = folder.resolve(file.name());
      if (Files.exists(target)) {
        UserPrincipal owner = Files.getOwner(target);
        if (!owner.equals(Files.getOwner(written))) {
          var unused = Files.setOwner(written, owner);
        }
      }
      Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }
}
