package io.howdah.shop.demo;

import io.howdah.server.DatabaseUrl;
import io.howdah.server.StartupException;
import io.howdah.server.postgres.DataFolder;
import io.howdah.server.postgres.EmbeddedServer;
import io.howdah.shop.ShopApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The processes: one of the shop for each port, and the embedded Postgres. Started once; closed
 * from any thread, also while it starts: first the shops, then Postgres.
 */
final class Cluster implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(5);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  /** Spring gives what runs 30 seconds. */
  private static final Duration STOP = Duration.ofSeconds(40);

  private final List<Integer> ports;
  private final Consumer<String> announce;
  private final ReentrantLock life = new ReentrantLock();
  private final List<Process> nodes = new ArrayList<>();
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private volatile boolean closing;
  private @Nullable DataFolder folder;
  private @Nullable EmbeddedServer postgres;

  Cluster(List<Integer> ports, Consumer<String> announce) {
    this.ports = ports;
    this.announce = announce;
  }

  /**
   * Starts a Postgres.
   *
   * @param dir where its data is kept; null for a folder that is deleted at the end
   * @throws StartupException when it cannot
   */
  DatabaseUrl startPostgres(@Nullable Path dir) {
    life.lock();
    try {
      DataFolder taken = dir == null ? DataFolder.temporary() : DataFolder.open(dir);
      folder = taken;
      if (taken.isTemporary()) {
        taken.removeAbandonedSiblings(announce);
      }
      announce.accept("starting Postgres ...");
      EmbeddedServer started = EmbeddedServer.start(taken, 0, () -> closing, announce);
      postgres = started;
      var unused =
          started
              .onExit()
              .thenRun(() -> end("the embedded Postgres has ended" + started.lastWords()));
      return started.url();
    } finally {
      life.unlock();
    }
  }

  /**
   * Starts the shops, both at the same time, and returns when all of them serve.
   *
   * @throws StartupException when one of them does not
   */
  void startNodes(DatabaseUrl url) {
    life.lock();
    try {
      announce.accept("starting the shop, twice ...");
      for (int port : ports) {
        checkWanted();
        nodes.add(startNode(port, url));
      }
    } finally {
      life.unlock();
    }
    long giveUpAt = System.nanoTime() + START.toNanos();
    HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    for (int port : ports) {
      while (!serves(client, port)) {
        if (ended.isDone()) {
          throw new StartupException(ended.join());
        }
        checkWanted();
        if (System.nanoTime() - giveUpAt > 0) {
          throw new StartupException("the shop on port " + port + " does not answer");
        }
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
      }
    }
  }

  private void checkWanted() {
    if (closing) {
      throw new StartupException("stopped while starting");
    }
  }

  /** The URL goes by the environment, for there may be a password in it. */
  private Process startNode(int port, DatabaseUrl url) {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // starts in half the time; the demo is not there to be fast later
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ShopApplication.class.getName(),
                "--server.port=" + port,
                "--spring.main.log-startup-info=false",
                "--logging.level.root=warn",
                "--logging.level.io.howdah.shop=info",
                "--logging.pattern.console=shop on " + port + ": %msg%n%ex")
            .inheritIO();
    builder.environment().put("SPRING_DATASOURCE_URL", url.jdbcUrl());
    try {
      Process node = builder.start();
      var unused =
          node.onExit()
              .thenRun(() ->
                  end(
                      "the shop on port "
                          + port
                          + " has ended, with exit code "
                          + node.exitValue()));
      return node;
    } catch (IOException e) {
      throw new StartupException("cannot start the shop on port " + port + ": " + e, e);
    }
  }

  private static boolean serves(HttpClient client, int port) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/login"))
            .timeout(ANSWER)
            .build();
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while starting", e);
    }
  }

  private void end(String why) {
    if (!closing) {
      boolean unused = ended.complete(why);
    }
  }

  /** Completes with the reason when something has ended by itself. */
  CompletableFuture<String> ended() {
    return ended.copy();
  }

  /** Stops everything. Does nothing when it is stopped. */
  @Override
  public void close() {
    closing = true;
    life.lock();
    try (DataFolder lastly = folder;
        EmbeddedServer second = postgres) {
      folder = null;
      postgres = null;
      nodes.forEach(Process::destroy);
      nodes.forEach(Cluster::awaitEnd);
      nodes.clear();
    } finally {
      life.unlock();
    }
  }

  private static void awaitEnd(Process node) {
    try {
      if (!node.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        var unused = node.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
