package io.howdah.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real PgBouncer in transaction mode, in front of {@link TestPostgres}. */
public final class Pooler implements AutoCloseable {
  private final Process process;
  private final int port;

  private Pooler(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts one. Where the program is missing the test is skipped; with CI=true it fails.
   *
   * @param connections how many it has to the server
   */
  public static Pooler start(int connections) {
    Path program = Programs.require("pgbouncer");
    try {
      Path folder = Files.createTempDirectory("howdah-pgbouncer");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Files.writeString(folder.resolve("users.txt"), "\"postgres\" \"\"\n");
      Path settings = folder.resolve("pgbouncer.ini");
      Files.writeString(
          settings,
          """
          [databases]
          postgres = host=127.0.0.1 port=%d dbname=postgres
          [pgbouncer]
          listen_addr = 127.0.0.1
          listen_port = %d
          auth_type = trust
          auth_file = %s
          pool_mode = transaction
          default_pool_size = %d
          unix_socket_dir =
          ignore_startup_parameters = extra_float_digits
          """
              .formatted(TestPostgres.port(), port, folder.resolve("users.txt"), connections));
      List<String> command = new ArrayList<>(List.of(program.toString()));
      // As root it refuses to run, unless told as whom.
      if ("root".equals(System.getProperty("user.name"))) {
        command.addAll(List.of("-u", "nobody"));
      }
      command.add(settings.toString());
      Path log = folder.resolve("log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      Pooler pooler = new Pooler(process, port);
      // Also when nobody closes it.
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!pooler.accepts()) {
        if (!process.isAlive() || System.nanoTime() > giveUp) {
          pooler.close();
          throw new IllegalStateException("PgBouncer did not start: " + Files.readString(log));
        }
        Thread.onSpinWait();
      }
      return pooler;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** The server's database and user, through the pooler. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("PgBouncer did not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
