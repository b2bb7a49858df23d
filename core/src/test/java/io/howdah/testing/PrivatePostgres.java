package io.howdah.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A Postgres of a test's own, to be stopped, killed and started again: always on the same port and
 * the same data. What it promises is held against the death of processes, not of the machine: it
 * commits as applications have it, but does not wait for the disk.
 *
 * <p>The binaries are the embedded ones, or those in the folder that {@code
 * HOWDAH_TEST_POSTGRES_BIN} names.
 */
public final class PrivatePostgres implements AutoCloseable {
  private static final String BIN_VARIABLE = "HOWDAH_TEST_POSTGRES_BIN";
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final Path bin;
  private final int port;
  private final Thread removeAtExit = new Thread(this::remove);
  private volatile @Nullable Process postmaster;

  private PrivatePostgres(Path folder, Path bin, int port) {
    this.folder = folder;
    this.bin = bin;
    this.port = port;
    Runtime.getRuntime().addShutdownHook(removeAtExit);
  }

  /** Whether the binaries are named, so that they are not the embedded ones. */
  static boolean binariesAreNamed() {
    String named = System.getenv(BIN_VARIABLE);
    return named != null && !named.isBlank();
  }

  /**
   * Makes one and starts it, with settings as they stand in postgresql.conf. It ends with this JVM
   * at the latest.
   */
  public static PrivatePostgres create(String... settings) {
    try {
      return createIn(Files.createTempDirectory("howdah-private-postgres"), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@link #create} in an empty folder, which it empties again when it is closed. */
  public static PrivatePostgres createIn(Path folder, String... settings) {
    return createIn(
        folder, binariesAreNamed() ? Path.of(System.getenv(BIN_VARIABLE)) : null, settings);
  }

  /** {@link #create} with the binaries in a folder, as a package of the system brings them. */
  public static PrivatePostgres createWith(Path bin, String... settings) {
    try {
      return createIn(Files.createTempDirectory("howdah-private-postgres"), bin, settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PrivatePostgres createIn(Path folder, @Nullable Path named, String... settings) {
    try {
      Path bin;
      if (named == null) {
        bin = makeEmbedded(folder.resolve("data"));
      } else {
        bin = named;
        run(
            folder,
            bin.resolve("initdb").toString(),
            "-D",
            folder.resolve("data").toString(),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync");
      }
      PrivatePostgres postgres = new PrivatePostgres(folder, bin, freePort());
      postgres.configure("listen_addresses = '127.0.0.1'");
      postgres.configure("unix_socket_directories = ''");
      postgres.configure("port = " + postgres.port);
      // What a process has given to the operating system outlives its death, so waiting for the
      // disk
      // would prove nothing, and each recovery would wait for every file.
      postgres.configure("fsync = off");
      postgres.configure("wal_level = replica");
      postgres.configure("wal_keep_size = '1GB'");
      for (String setting : settings) {
        postgres.configure(setting);
      }
      postgres.start();
      return postgres;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the embedded binaries are, is known once they have made a server: so this one. */
  private static Path makeEmbedded(Path data) throws IOException {
    EmbeddedPostgres maker =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPGStartupWait(PATIENCE)
            .setLocaleConfig("locale", "C")
            .start();
    String started = Files.readString(data.resolve("postmaster.opts"));
    maker.close();
    Matcher program = Pattern.compile("^\"?([^\" ]+)").matcher(started);
    if (!program.find()) {
      throw new IllegalStateException("no program in postmaster.opts: " + started);
    }
    return Path.of(program.group(1)).toAbsolutePath().getParent();
  }

  /** A standby of this server, which follows it. It is closed by itself. */
  public PrivatePostgres standby() {
    try (Connection connection = connect()) {
      Path copy = Files.createTempDirectory("howdah-private-standby");
      sql(connection, "SELECT pg_backup_start('standby', true)");
      copyData(copy.resolve("data"));
      String label = sql(connection, "SELECT labelfile FROM pg_backup_stop(false)").get(0);
      Files.writeString(copy.resolve("data/backup_label"), label);
      Files.createFile(copy.resolve("data/standby.signal"));
      PrivatePostgres standby = new PrivatePostgres(copy, bin, freePort());
      standby.configure("port = " + standby.port);
      standby.configure(
          "primary_conninfo = 'host=127.0.0.1 port=" + port + " user=postgres sslmode=disable'");
      standby.start();
      return standby;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void copyData(Path to) throws IOException {
    Path from = folder.resolve("data");
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Path copied = to.resolve(from.relativize(directory).toString());
            Files.createDirectories(copied);
            Files.setPosixFilePermissions(copied, Files.getPosixFilePermissions(directory));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.getFileName().toString().startsWith("postmaster.")) {
              try {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
              } catch (NoSuchFileException e) {
                // It went while we looked; the log of changes knows that.
                return FileVisitResult.CONTINUE;
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Adds a line to postgresql.conf, for the next start. */
  public void configure(String setting) {
    try {
      Files.writeString(
          folder.resolve("data/postgresql.conf"), "\n" + setting + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JDBC URL of its {@code postgres} database, with the user in it, a superuser. */
  public String url() {
    return urlAt(port);
  }

  /** The same, reached at another port of this machine. */
  public String urlAt(int otherPort) {
    return "jdbc:postgresql://127.0.0.1:" + otherPort + "/postgres?user=postgres";
  }

  public int port() {
    return port;
  }

  public Connection connect() throws SQLException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url());
    return dataSource.getConnection();
  }

  /** The first column of every row, as text, from a connection of its own. */
  public List<String> sql(String sql, Object... args) {
    try (Connection connection = connect()) {
      return sql(connection, sql, args);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  public static List<String> sql(Connection connection, String sql, Object... args)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < args.length; i++) {
        statement.setObject(i + 1, args[i]);
      }
      List<String> values = new ArrayList<>();
      if (statement.execute()) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            values.add(rows.getString(1));
          }
        }
      }
      return values;
    }
  }

  /**
   * Starts it, and waits until it takes connections. Again where it ends at once: a child that its
   * killed postmaster had just made is the last one in its shared memory for a moment.
   */
  public void start() {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        launch();
        awaitReady();
        return;
      } catch (IllegalStateException e) {
        if (running().isAlive() || System.nanoTime() - giveUpAt > 0) {
          throw e;
        }
        pause();
      }
    }
  }

  private void launch() {
    try {
      postmaster =
          new ProcessBuilder(
                  asUser(
                      bin.resolve("postgres").toString(), "-D", folder.resolve("data").toString()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it takes connections: after a start, and while it recovers from a crash. */
  public void awaitReady() {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
        return;
      } catch (SQLException e) {
        Process running = postmaster;
        if (running == null || !running.isAlive() || System.nanoTime() - giveUpAt > 0) {
          throw new IllegalStateException("no server on port " + port + ": " + tail(), e);
        }
      }
      pause();
    }
  }

  /** Stops it as an operator does: nothing is lost. */
  public void stop() {
    stop("fast");
  }

  /** Stops it at once: a crash, as far as the data is concerned. */
  public void stopImmediately() {
    stop("immediate");
  }

  private void stop(String mode) {
    run(
        folder,
        bin.resolve("pg_ctl").toString(),
        "-D",
        folder.resolve("data").toString(),
        "-m",
        mode,
        "-w",
        "stop");
    awaitEnd(List.of());
  }

  public void restart() {
    stop();
    start();
  }

  /** Keeps its log of changes in another folder from now on. It must be stopped. */
  public void moveLogOfChanges(Path to) {
    Path from = folder.resolve("data/pg_wal");
    run(folder, "cp", "-a", from.toString(), to.toString());
    run(folder, "rm", "-r", from.toString());
    try {
      Files.createSymbolicLink(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the postmaster is alive: with restart_after_crash = off it ends with a crash. */
  public boolean isRunning() {
    Process running = postmaster;
    return running != null && running.isAlive();
  }

  /** SIGKILL to the postmaster alone; its children find out and end. */
  public void killPostmaster() {
    Process running = running();
    List<ProcessHandle> children = running.descendants().toList();
    running.destroyForcibly();
    awaitEnd(children);
  }

  /** SIGKILL to the postmaster and all its children: nothing that is only in memory is written. */
  public void kill() {
    Process running = postmaster;
    if (running != null) {
      List<ProcessHandle> children = running.descendants().toList();
      children.forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
      awaitEnd(children);
    }
  }

  /** SIGKILL to a backend, which is a crash: all others end too, and the server recovers. */
  public void killBackend(int pid) {
    String before = sql("SELECT pg_postmaster_start_time()").get(0);
    ProcessHandle backend = ProcessHandle.of(pid).orElseThrow();
    backend.destroyForcibly();
    // Until the postmaster has noticed, it goes on taking connections.
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (isListed(pid)) {
      if (System.nanoTime() - giveUpAt > 0) {
        throw new IllegalStateException("backend " + pid + " survives: " + tail());
      }
      pause();
    }
    awaitReady();
    if (!sql("SELECT pg_postmaster_start_time()").get(0).equals(before)) {
      throw new IllegalStateException("the postmaster was started again: " + tail());
    }
  }

  private boolean isListed(int pid) {
    try (Connection connection = connect()) {
      return !sql(connection, "SELECT 1 FROM pg_stat_activity WHERE pid = ?", pid).isEmpty();
    } catch (SQLException e) {
      return false;
    }
  }

  /** A standby becomes a primary. */
  public void promote() {
    List<String> done = sql("SELECT pg_promote(true, 60)");
    if (!done.equals(List.of("t"))) {
      throw new IllegalStateException("not promoted: " + tail());
    }
  }

  private Process running() {
    Process running = postmaster;
    if (running == null) {
      throw new IllegalStateException("it does not run");
    }
    return running;
  }

  /** A child that ends is nobody's child any more, and may stay in the list of processes. */
  private void awaitEnd(List<ProcessHandle> children) {
    Process running = running();
    try {
      if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("it does not end: " + tail());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    postmaster = null;
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (children.stream().anyMatch(PrivatePostgres::isAtWork)) {
      if (System.nanoTime() - giveUpAt > 0) {
        throw new IllegalStateException("its children do not end: " + tail());
      }
      pause();
    }
  }

  private static boolean isAtWork(ProcessHandle process) {
    // A process that has ended has no command line, even while nobody has asked for its end.
    return process.isAlive() && process.info().command().isPresent();
  }

  private static void pause() {
    LockSupport.parkNanos(20_000_000);
  }

  private File log() {
    return folder.resolve("log").toFile();
  }

  private String tail() {
    try {
      String log = Files.readString(log().toPath());
      return log.substring(Math.max(0, log.length() - 2_000));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /** Postgres refuses to run as root; in a user namespace without mappings root is nobody. */
  private static List<String> asUser(String... command) {
    boolean root = "root".equals(System.getProperty("user.name"));
    return Stream.concat(root ? Stream.of("unshare", "-U") : Stream.of(), Stream.of(command))
        .toList();
  }

  private static void run(Path folder, String... command) {
    Path log = folder.resolve("log");
    try {
      Process process =
          new ProcessBuilder(asUser(command))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + " failed: " + Files.readString(log));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    remove();
    Runtime.getRuntime().removeShutdownHook(removeAtExit);
  }

  private void remove() {
    kill();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
