package io.howdah.server.postgres;

import io.howdah.server.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder that holds everything of an embedded Postgres. One process uses it at a time: it holds
 * a lock on {@code howdah.lock}, which ends with the process however that ends. The file also marks
 * the folder as ours.
 */
public final class DataFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DataFolder.class);
  private static final String LOCK_FILE = "howdah.lock";
  private static final String TEMPORARY_PREFIX = "howdah-serve-";

  /** Younger than this, the folder of another process may be one that it is about to lock. */
  private static final Duration YOUNG = Duration.ofMinutes(1);

  private final Path folder;
  private final boolean temporary;
  private final FileChannel channel;

  private DataFolder(Path folder, boolean temporary, FileChannel channel) {
    this.folder = folder;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Takes a folder that is kept; makes it when it is not there.
   *
   * @throws StartupException when another process uses it, or it is somebody else's
   */
  public static DataFolder open(Path path) {
    Path folder = path.toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
      if (!Files.exists(folder.resolve(LOCK_FILE)) && !isEmpty(folder)) {
        throw new StartupException(
            "the folder "
                + folder
                + " is not empty, and ./howdah serve did not make it; name a new or an empty one with --data");
      }
      return lock(folder, false);
    } catch (IOException e) {
      throw new StartupException("cannot use the data folder " + folder + ": " + e, e);
    }
  }

  /** Makes a folder that is deleted when it is closed. */
  public static DataFolder temporary() {
    return temporary(Path.of(System.getProperty("java.io.tmpdir")));
  }

  static DataFolder temporary(Path in) {
    try {
      return lock(Files.createTempDirectory(in, TEMPORARY_PREFIX), true);
    } catch (IOException e) {
      throw new StartupException("cannot make a temporary data folder: " + e, e);
    }
  }

  private static DataFolder lock(Path folder, boolean temporary) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(LOCK_FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    if (!tryLock(channel)) {
      String pid = readAll(channel);
      channel.close();
      throw new StartupException(
          "the data folder "
              + folder
              + " is in use"
              + (pid.isEmpty() ? "" : " by the server with process id " + pid)
              + "; stop that one, or name another folder with --data");
    }
    channel.truncate(0);
    int unused =
        channel.write(
            ByteBuffer.wrap(
                Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
            0);
    return new DataFolder(folder, temporary, channel);
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process holds it already
    }
  }

  private static String readAll(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(32);
    int length = channel.read(buffer, 0);
    return length <= 0
        ? ""
        : new String(buffer.array(), 0, length, StandardCharsets.US_ASCII).strip();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /**
   * Removes the temporary folders beside this one whose server was killed, and stops their
   * Postgres.
   */
  public void removeAbandonedSiblings(Consumer<String> announce) {
    Path siblings = folder.toAbsolutePath().getParent();
    try (Stream<Path> folders = Files.list(siblings)) {
      folders
          .filter(path -> path.getFileName().toString().startsWith(TEMPORARY_PREFIX))
          .filter(path -> isOurs(path) && isAbandonedSince(path, Instant.now().minus(YOUNG)))
          .forEach(path -> removeAbandoned(path, announce));
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("cannot look for abandoned folders in {}", siblings, e);
    }
  }

  /**
   * Where everybody may write, a folder or a link of such a name may be a trap: what is in it would
   * be written to, and the process that it names be stopped.
   */
  private boolean isOurs(Path path) {
    try {
      return !path.equals(folder)
          && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(folder))
          && isPrivate(path);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static boolean isPrivate(Path path) throws IOException {
    return !Files.getFileStore(path).supportsFileAttributeView("posix")
        || Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)
            .equals(PosixFilePermissions.fromString("rwx------"));
  }

  private static boolean isAbandonedSince(Path path, Instant then) {
    try {
      BasicFileAttributes lock =
          Files.readAttributes(
              path.resolve(LOCK_FILE), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return lock.isRegularFile() && lock.lastModifiedTime().toInstant().isBefore(then);
    } catch (IOException e) {
      return false;
    }
  }

  private static void removeAbandoned(Path folder, Consumer<String> announce) {
    try (DataFolder abandoned = lock(folder, true)) {
      announce.accept(
          "removing " + abandoned.folder + ", which an earlier run left when it was killed");
      Postmaster.stopLeftOver(abandoned.postgres(), announce);
    } catch (StartupException | IOException e) {
      LOG.debug("{} stays", folder, e); // in use, or not ours to delete
    }
  }

  public Path path() {
    return folder;
  }

  public boolean isTemporary() {
    return temporary;
  }

  /** Where Postgres keeps its files. */
  Path postgres() {
    return folder.resolve("postgres");
  }

  /** What Postgres says, since its last start. */
  Path log() {
    return folder.resolve("postgres.log");
  }

  /**
   * Makes room for a first start where an earlier one was not carried to its end. A database that
   * may hold data is moved aside, because the mark of its end may just as well have been lost.
   */
  void clearIncomplete(Consumer<String> announce) throws IOException {
    if (isComplete() || !Files.exists(postgres().resolve("global/pg_control"))) {
      deleteIncomplete();
      return;
    }
    Path aside = free("postgres.aside");
    Path unused = Files.move(postgres(), aside);
    announce.accept(
        "there is a database in "
            + folder
            + ", but no "
            + marker().getFileName()
            + ", as after a first start that was killed; the new one begins empty, the old one is kept as "
            + aside.getFileName());
  }

  void deleteIncomplete() throws IOException {
    if (!isComplete()) {
      delete(postgres());
    }
  }

  private boolean isComplete() {
    return Files.exists(marker());
  }

  private Path free(String name) {
    Path path = folder.resolve(name);
    for (int i = 2; Files.exists(path, LinkOption.NOFOLLOW_LINKS); i++) {
      path = folder.resolve(name + "." + i);
    }
    return path;
  }

  /** Says, also after a power failure, that what is there is a whole database. */
  void markComplete() throws IOException {
    try (FileChannel marker =
        FileChannel.open(
            marker(),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      int unused = marker.write(ByteBuffer.wrap("1\n".getBytes(StandardCharsets.US_ASCII)));
      marker.force(true);
    }
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    } catch (IOException e) {
      LOG.debug("cannot sync {}", folder, e); // Windows opens no folders
    }
  }

  /** Holds the version of the folder's layout. */
  private Path marker() {
    return folder.resolve("howdah.layout");
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Path unused =
        Files.walkFileTree(
            folder,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                  throws IOException {
                boolean unused = Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                  return FileVisitResult.CONTINUE;
                }
                throw e;
              }

              @Override
              public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
                  throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
              }
            });
  }

  /** Gives the folder free; deletes it when it is temporary. */
  @Override
  public void close() {
    try {
      if (temporary) {
        delete(folder);
      }
      channel.close();
    } catch (IOException e) {
      LOG.warn("cannot close the data folder {}: {}", folder, e.toString());
    }
  }
}
