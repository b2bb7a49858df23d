package io.howdah.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The real PgBouncer in transaction mode before a server of this machine, always on the same port:
 * to be reloaded, paused, killed and started again. It lets everybody in as postgres.
 */
public final class TestPooler implements AutoCloseable {
  private final Path program;
  private final Path ini;
  private final int port;
  private PgBouncerProcess process;

  private TestPooler(Path program, Path ini, int port) throws IOException {
    this.program = program;
    this.ini = ini;
    this.port = port;
    this.process = PgBouncerProcess.start(program, ini);
  }

  /**
   * Starts one.
   *
   * @param program which PgBouncer
   * @param folder an empty one for its files
   * @param server the port of Postgres
   * @param settings more lines of its file
   */
  public static TestPooler before(Path program, Path folder, int server, String... settings) {
    try {
      int port = PgBouncerProcess.freePort();
      Path users = folder.resolve("users.txt");
      Files.writeString(users, "\"postgres\" \"\"\n");
      Path ini = folder.resolve("pgbouncer.ini");
      Files.writeString(
          ini,
          """
          [databases]
          postgres = host=127.0.0.1 port=%d dbname=postgres
          [pgbouncer]
          listen_addr = 127.0.0.1
          listen_port = %d
          auth_type = trust
          auth_file = %s
          admin_users = postgres
          pool_mode = transaction
          unix_socket_dir =
          ignore_startup_parameters = extra_float_digits
          server_login_retry = 1
          %s
          """
              .formatted(server, port, users, String.join("\n", settings)));
      return new TestPooler(program, ini, port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** The process id; another one after {@link #start}. */
  public long pid() {
    return process.pid();
  }

  /** What it has said since it was started. */
  public String log() {
    return process.log();
  }

  /** Gives its console a command: the rows of the answer, with their columns in a line. */
  public List<String> console(String command) {
    try (PlainClient console = new PlainClient(port, "pgbouncer")) {
      return console.ask(command);
    } catch (IOException e) {
      throw new UncheckedIOException(command + "\n" + log(), e);
    }
  }

  /** How many clients it has besides those of its console. */
  public int clients() {
    return (int)
        console("SHOW CLIENTS").stream().filter(row -> !row.contains(" pgbouncer ")).count();
  }

  /** SIGKILL: its clients find their connections closed. */
  public void kill() {
    process.kill();
  }

  /** After {@link #kill}. */
  public void start() {
    try {
      process = PgBouncerProcess.start(program, ini);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
