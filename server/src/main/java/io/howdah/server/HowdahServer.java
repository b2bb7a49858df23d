package io.howdah.server;

import io.howdah.Howdah;
import io.howdah.schema.Migrator;
import io.howdah.server.ServerSettings.Database;
import io.howdah.server.http.HttpServer;
import io.howdah.server.http.ServerInfo;
import io.howdah.server.postgres.DataFolder;
import io.howdah.server.postgres.EmbeddedServer;
import io.howdah.server.postgres.PostgresVersion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Howdah over HTTP, on an embedded Postgres or another one. Started once; closed from any thread,
 * also while it starts: first HTTP stops, then the library, then the embedded Postgres.
 */
public final class HowdahServer implements AutoCloseable {
  /** How long a closing thread waits for the start that is under way. */
  private static final long START_SECONDS = 60;

  private final ServerSettings settings;
  private final Consumer<String> announce;
  private final ReentrantLock life = new ReentrantLock();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private volatile boolean closing;
  private @Nullable DataFolder folder;
  private @Nullable HttpServer http;
  private @Nullable EmbeddedServer postgres;
  private @Nullable Howdah howdah;
  private @Nullable DatabaseUrl database;

  /**
   * A server that is to be started.
   *
   * @param announce told what a user wants to know during the start, a line at a time
   */
  public HowdahServer(ServerSettings settings, Consumer<String> announce) {
    this.settings = settings;
    this.announce = announce;
  }

  /**
   * Starts, and returns when requests are served.
   *
   * @throws StartupException when it cannot; nothing is left running then
   * @throws io.howdah.HowdahException likewise, when the schema cannot be made or used
   */
  public void start() {
    life.lock();
    try {
      if (settings.database() instanceof Database.Embedded embedded) {
        folder = takeFolder(embedded);
      }
      HttpServer listening = HttpServer.start(settings.http());
      http = listening;
      DatabaseUrl url =
          settings.database() instanceof Database.Embedded embedded
              ? startPostgres(embedded.port())
              : ((Database.External) settings.database()).url();
      database = url;
      checkWanted();
      String version = PostgresVersion.of(url);
      ServerSettings.Library library = settings.library();
      // The routes hand over to their own threads.
      Howdah opened = library.builder(url).executor(Runnable::run).open();
      howdah = opened;
      checkWanted();
      listening.ready(
          opened,
          new ServerInfo(
              library.schema(),
              Migrator.VERSION,
              version,
              postgres == null ? null : url.jdbcUrl()));
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    } finally {
      life.unlock();
    }
  }

  private DataFolder takeFolder(Database.Embedded embedded) {
    if (embedded.data() != null) {
      return DataFolder.open(embedded.data());
    }
    DataFolder temporary = DataFolder.temporary();
    temporary.removeAbandonedSiblings(announce);
    announce.accept(
        "the data is in a temporary folder, "
            + temporary.path()
            + ", which is deleted at the end; --data DIR keeps it");
    return temporary;
  }

  private DatabaseUrl startPostgres(int port) {
    DataFolder data = folder;
    if (data == null) {
      throw new IllegalStateException("no folder");
    }
    EmbeddedServer started = EmbeddedServer.start(data, port, () -> closing, announce);
    postgres = started;
    CompletableFuture<Boolean> unused =
        started.onExit().thenApply(gone -> ended.complete(!closing));
    return started.url();
  }

  private void checkWanted() {
    if (closing) {
      throw new StartupException("stopped while starting");
    }
  }

  /** Where it serves, such as {@code http://127.0.0.1:8080}. */
  public String url() {
    HttpServer started = http;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started.url();
  }

  /** The database that it works on. */
  public DatabaseUrl database() {
    DatabaseUrl started = database;
    if (started == null) {
      throw new IllegalStateException("not started");
    }
    return started;
  }

  /**
   * Completes when the server has ended: false after {@link #close}, true when the embedded
   * Postgres ended by itself.
   */
  public CompletableFuture<Boolean> ended() {
    return ended.copy();
  }

  /**
   * What the embedded Postgres said last, to go behind a message; empty with another one. Closing
   * may delete it.
   */
  public String lastWords() {
    EmbeddedServer started = postgres;
    return started == null ? "" : started.lastWords();
  }

  /** Stops everything. Does nothing when it is stopped. */
  @Override
  public void close() {
    closing = true;
    boolean mine;
    try {
      mine = life.tryLock(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      mine = false;
    }
    if (!mine) {
      return; // the start hangs, and cleans up when it goes on
    }
    try {
      release();
    } finally {
      life.unlock();
      boolean unused = ended.complete(false);
    }
  }

  private void release() {
    try (DataFolder lastly = folder;
        EmbeddedServer third = postgres;
        Howdah second = howdah;
        HttpServer first = http) {
      folder = null;
      postgres = null;
      howdah = null;
      http = null;
    }
  }
}
