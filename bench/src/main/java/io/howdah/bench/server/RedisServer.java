package io.howdah.bench.server;

import io.howdah.bench.measure.Durability;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A Redis server of our own, on a free port of the loopback interface. */
public final class RedisServer implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final Duration START_LIMIT = Duration.ofSeconds(10);
  private static final Duration REWRITE_LIMIT = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 3;

  /** What the server writes to disk. */
  public enum Persistence {
    NONE(Durability.EPHEMERAL, "", List.of("--appendonly", "no")),
    EVERY_SECOND(
        Durability.RELAXED,
        " fsync everysec",
        List.of("--appendonly", "yes", "--appendfsync", "everysec")),
    ALWAYS(
        Durability.DURABLE,
        " fsync always",
        List.of("--appendonly", "yes", "--appendfsync", "always"));

    private final Durability durability;
    private final String suffix;
    private final List<String> arguments;

    Persistence(Durability durability, String suffix, List<String> arguments) {
      this.durability = durability;
      this.suffix = suffix;
      this.arguments = arguments;
    }

    /** What a crash of the server takes away. */
    public Durability durability() {
      return durability;
    }

    /** Its name in reports. */
    public String id() {
      return durability.name().toLowerCase(Locale.ROOT);
    }

    /** What a label adds to "Redis". */
    public String suffix() {
      return suffix;
    }

    /** The settings that make the difference. */
    public String description() {
      return "with --save '' " + String.join(" ", arguments);
    }
  }

  private final Persistence persistence;
  private final int port;

  /** Null for one that another process has started. */
  private final @Nullable Process process;

  private RedisServer(Persistence persistence, int port, @Nullable Process process) {
    this.persistence = persistence;
    this.port = port;
    this.process = process;
  }

  /** One that another process has started. */
  static RedisServer running(Persistence persistence, int port) {
    return new RedisServer(persistence, port, null);
  }

  /** Starts one; it is stopped with the folder. */
  public static RedisServer start(Path executable, Persistence persistence, WorkFolder folder)
      throws IOException, InterruptedException {
    Path data = folder.createFolder("redis-" + persistence.name().toLowerCase(Locale.ROOT));
    for (int attempt = 1; ; attempt++) {
      // Another program may take a port between finding it free and listening on it.
      int port = Ports.free();
      Process process = launch(persistence, port, executable, data);
      RedisServer server = new RedisServer(persistence, port, process);
      if (server.answers(process)) {
        return folder.add(server);
      }
      server.close();
      if (attempt == ATTEMPTS) {
        throw new IOException("redis-server does not start: " + lastLogLines(data));
      }
    }
  }

  private static Process launch(Persistence persistence, int port, Path executable, Path data)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(executable.toString());
    command.addAll(List.of("--bind", HOST, "--port", Integer.toString(port), "--save", ""));
    command.addAll(persistence.arguments);
    command.addAll(List.of("--dir", data.toString(), "--daemonize", "no"));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(data.resolve("redis.log").toFile())
        .start();
  }

  private boolean answers(Process process) throws InterruptedException {
    long giveUpAt = System.nanoTime() + START_LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() - giveUpAt < 0) {
      try {
        if (ask("PING", "+PONG"::equals)) {
          return true;
        }
      } catch (IOException e) {
        // Not listening yet.
      }
      Thread.sleep(20);
    }
    return false;
  }

  /** Whether a line of the answer to a command is the one that is looked for. */
  private boolean ask(String command, Predicate<String> wanted) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      // Redis hangs up after its answer to QUIT, and so ends the lines.
      socket
          .getOutputStream()
          .write((command + "\r\nQUIT\r\n").getBytes(StandardCharsets.US_ASCII));
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return reader.lines().anyMatch(wanted);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Waits while it rewrites its log in the background, which would slow whoever plays next. */
  public void awaitRewrite() throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + REWRITE_LIMIT.toNanos();
    while (ask("INFO persistence", RedisServer::isRewriting)) {
      if (System.nanoTime() - giveUpAt > 0) {
        throw new IOException("Redis still rewrites its log after " + REWRITE_LIMIT);
      }
      Thread.sleep(20);
    }
  }

  private static boolean isRewriting(String line) {
    return line.equals("aof_rewrite_in_progress:1") || line.equals("aof_rewrite_scheduled:1");
  }

  private static String lastLogLines(Path data) throws IOException {
    List<String> lines = Files.readAllLines(data.resolve("redis.log"));
    return String.join("; ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  /** What it writes to disk. */
  public Persistence persistence() {
    return persistence;
  }

  public String host() {
    return HOST;
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    if (process == null) {
      return;
    }
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
