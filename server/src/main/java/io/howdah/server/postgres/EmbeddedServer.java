package io.howdah.server.postgres;

import io.howdah.server.DatabaseUrl;
import io.howdah.server.StartupException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Postgres of our own: started on a folder, stopped with us. */
public final class EmbeddedServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);

  /** After a crash of the machine it replays its log first. */
  private static final Duration START = Duration.ofMinutes(2);

  private static final long WATCH_NANOS = 500_000_000;
  private static final int LOOK_EVERY_MILLIS = 50;

  /**
   * What pg_ctl says when Postgres ended instead of starting; the library that calls it would go on
   * trying.
   */
  private static final String FAILED = "could not start server";

  private static final String PORT_TAKEN = "could not create any TCP/IP sockets";

  /** How many free ports are tried. */
  private static final int TRIES = 3;

  private static final int LOG_LINES = 8;

  private final EmbeddedPostgres postgres;
  private final Postmaster postmaster;
  private final DataFolder folder;
  private final int port;
  private final CompletableFuture<Boolean> exit = new CompletableFuture<>();

  private EmbeddedServer(
      EmbeddedPostgres postgres, Postmaster postmaster, DataFolder folder, int port) {
    this.postgres = postgres;
    this.postmaster = postmaster;
    this.folder = folder;
    this.port = port;
  }

  /**
   * Starts it, with the database {@value HowdahDatabase#NAME} in it.
   *
   * @param port 0 for any free one
   * @param cancelled whether it is wanted no more: then it is stopped at once, with a {@link
   *     StartupException}
   */
  public static EmbeddedServer start(
      DataFolder folder, int port, BooleanSupplier cancelled, Consumer<String> announce) {
    return start(folder, () -> freePort(port), port == 0 ? TRIES : 1, cancelled, announce);
  }

  /** Where another program takes the port between the choice and the start, another is chosen. */
  static EmbeddedServer start(
      DataFolder folder,
      IntSupplier ports,
      int tries,
      BooleanSupplier cancelled,
      Consumer<String> announce) {
    try {
      Postmaster.stopLeftOver(folder.postgres(), announce);
      folder.clearIncomplete(announce);
      for (int left = tries; ; left--) {
        keepLastLog(folder.log());
        try {
          return runWithDatabase(folder, ports.getAsInt(), cancelled);
        } catch (StartupException e) {
          if (left == 1 || !readLog(folder.log()).contains(PORT_TAKEN)) {
            throw e;
          }
          LOG.debug("the port was taken meanwhile", e);
        }
      }
    } catch (IOException e) {
      throw new StartupException("cannot prepare the data folder " + folder.path() + ": " + e, e);
    }
  }

  private static EmbeddedServer runWithDatabase(
      DataFolder folder, int port, BooleanSupplier cancelled) throws IOException {
    try {
      EmbeddedServer server = run(folder, port, cancelled);
      try {
        HowdahDatabase.ensure(port);
        folder.markComplete();
        server.watch();
        return server;
      } catch (IOException | RuntimeException e) {
        server.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      if (Postmaster.on(folder.postgres()).isEmpty()) {
        folder.deleteIncomplete(); // by this start, so nobody has stored anything
      }
      throw e;
    }
  }

  private static void keepLastLog(Path log) throws IOException {
    if (Files.exists(log)) {
      Path unused =
          Files.move(
              log,
              log.resolveSibling(log.getFileName() + ".1"),
              StandardCopyOption.REPLACE_EXISTING);
    }
    Path unused = Files.createFile(log);
  }

  private static int freePort(int wanted) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), wanted));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new StartupException(
          "the port "
              + wanted
              + " for Postgres is in use; name another one with --postgres-port, or none for any free one",
          e);
    }
  }

  private static EmbeddedServer run(DataFolder folder, int port, BooleanSupplier cancelled) {
    CompletableFuture<EmbeddedPostgres> started = new CompletableFuture<>();
    Thread starter =
        new Thread(
            () -> {
              try {
                started.complete(builder(folder, port).start());
              } catch (IOException | RuntimeException | Error e) {
                started.completeExceptionally(e);
              }
            },
            "howdah-postgres-start");
    starter.setDaemon(true);
    starter.start();
    awaitStart(starter, folder, cancelled);
    EmbeddedPostgres postgres = started.handle((result, failure) -> result).join();
    Postmaster postmaster = Postmaster.on(folder.postgres()).orElse(null);
    if (postgres == null || postmaster == null || cancelled.getAsBoolean()) {
      giveUp(postgres, postmaster);
      throw cancelled.getAsBoolean()
          ? new StartupException("stopped while starting")
          : new StartupException(
              "the embedded Postgres did not start" + lastLines(folder),
              started.handle((result, failure) -> failure).join());
    }
    return new EmbeddedServer(postgres, postmaster, folder, port);
  }

  /**
   * Waits for the starting thread; interrupts it when it waits for a Postgres that has ended
   * already, or that is not wanted any more and has been stopped.
   */
  private static void awaitStart(Thread starter, DataFolder folder, BooleanSupplier cancelled) {
    boolean interrupted = false;
    while (starter.isAlive()) {
      try {
        starter.join(LOOK_EVERY_MILLIS);
        // Making the files cannot be cut short, and takes a second; replaying a log takes long.
        boolean stopped =
            cancelled.getAsBoolean()
                && Postmaster.on(folder.postgres()).map(Postmaster::stop).orElse(false);
        if (stopped || readLog(folder.log()).contains(FAILED)) {
          starter.interrupt();
        }
      } catch (InterruptedException e) {
        interrupted = true; // a start that is cut short would leave a Postgres behind
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void giveUp(@Nullable EmbeddedPostgres postgres, @Nullable Postmaster postmaster) {
    if (postgres != null) {
      closeQuietly(postgres);
    }
    if (postmaster != null && !postmaster.stop()) {
      LOG.warn("Postgres (process id {}) is still stopping", postmaster.pid());
    }
  }

  private static EmbeddedPostgres.Builder builder(DataFolder folder, int port) {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder.postgres())
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPort(port)
            .setPGStartupWait(START)
            .setOutputRedirector(Redirect.appendTo(folder.log().toFile()))
            .setErrorRedirector(Redirect.appendTo(folder.log().toFile()))
            // The same order and the same upper case everywhere, whatever the machine's locales
            // are.
            .setLocaleConfig("locale", "C")
            .setLocaleConfig("locale-provider", "builtin")
            .setLocaleConfig("builtin-locale", "C.UTF-8")
            .setServerConfig("listen_addresses", "127.0.0.1")
            // A socket in /tmp would be a second door, and one that other programs look for.
            .setServerConfig("unix_socket_directories", "")
            .setServerConfig("max_connections", "200")
            .setServerConfig("shared_buffers", "256MB")
            // The library is made for tests, and would turn both off.
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on");
    Path programs = programs();
    return programs == null ? builder : builder.setOverrideWorkingDirectory(programs.toFile());
  }

  /**
   * Where the programs of Postgres are unpacked: the user's own cache, because in the default
   * place, a folder in /tmp that everybody may write to, others could exchange them. Null when
   * there is no home to write to.
   */
  private static @Nullable Path programs() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    try {
      Path ours = Files.createDirectories(base.resolve("howdah"));
      if (Files.getFileStore(ours).supportsFileAttributeView("posix")) {
        Path unused =
            Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
      }
      return Files.createDirectories(ours.resolve("postgres"));
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("no cache folder in {}", base, e);
      return null;
    }
  }

  private static String readLog(Path log) {
    try {
      return Files.readString(log, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static String lastLines(DataFolder folder) {
    List<String> lines = readLog(folder.log()).lines().filter(line -> !line.isBlank()).toList();
    String end =
        String.join("\n  ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    return end.isEmpty() ? "" : ". The end of " + folder.log() + ":\n  " + end;
  }

  public DatabaseUrl url() {
    return DatabaseUrl.parse(HowdahDatabase.url(port));
  }

  /** Completes when Postgres has ended, also when nobody asked it to. */
  public CompletableFuture<?> onExit() {
    return exit;
  }

  /** The end of its log, to go behind a message. */
  public String lastWords() {
    return lastLines(folder);
  }

  private void watch() {
    Thread watcher =
        new Thread(
            () -> {
              while (postmaster.isRunning()) {
                LockSupport.parkNanos(WATCH_NANOS);
              }
              exit.complete(true);
            },
            "howdah-postgres-watch");
    watcher.setDaemon(true);
    watcher.start();
  }

  /** Stops Postgres: what runs is rolled back, everything is written to disk. */
  @Override
  public void close() {
    giveUp(postgres, postmaster);
  }

  /** A fast shutdown, for which the library waits five seconds; the caller waits on. */
  private static void closeQuietly(EmbeddedPostgres postgres) {
    try {
      postgres.close();
    } catch (IOException e) {
      LOG.debug("closing the embedded Postgres", e);
    }
  }
}
