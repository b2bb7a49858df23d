package io.howdah.bench.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** A PgBouncer of our own in transaction mode, in front of the Postgres that is measured. */
public final class PgBouncerServer implements AutoCloseable {

  /** The first version that knows prepared statements. */
  private static final int[] PREPARES = {1, 21};

  private static final Duration START_LIMIT = Duration.ofSeconds(20);
  private static final String USER = "bench";

  /** As root it refuses to run, unless told as whom. */
  private static final String RUNS_AS = "nobody";

  private final String jdbcUrl;
  private final String version;
  private final int serverConnections;
  private final AutoCloseable process;

  private PgBouncerServer(
      String jdbcUrl, String version, int serverConnections, AutoCloseable process) {
    this.jdbcUrl = jdbcUrl;
    this.version = version;
    this.serverConnections = serverConnections;
    this.process = process;
  }

  /** One that another process has started. */
  static PgBouncerServer running(String jdbcUrl, String version, int serverConnections) {
    return new PgBouncerServer(jdbcUrl, version, serverConnections, () -> {});
  }

  /**
   * Starts one; it is stopped with the folder.
   *
   * @param serverConnections how many connections it makes to the server
   * @param clients how many connections it takes
   */
  static PgBouncerServer start(
      Path executable, PostgresServer server, int serverConnections, int clients, WorkFolder folder)
      throws IOException, InterruptedException {
    String version = Program.PGBOUNCER.version(executable);
    // Not in the folder: nobody else may enter that, and this is run by somebody else.
    Path home = Files.createTempDirectory("howdah-bench-pgbouncer");
    int port = Ports.free();
    // Only we may come in: behind it is a database, which may be the user's.
    byte[] secret = new byte[16];
    new SecureRandom().nextBytes(secret);
    String password = HexFormat.of().formatHex(secret);
    Path users = home.resolve("users.txt");
    Files.writeString(users, "\"%s\" \"%s\"\n".formatted(USER, password));
    Path ini = home.resolve("pgbouncer.ini");
    Files.writeString(ini, ini(server, port, users, serverConnections, clients, prepares(version)));
    Path log = home.resolve("pgbouncer.log");
    Process process =
        new ProcessBuilder(command(executable, home, List.of(users, ini)))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    PgBouncerServer started =
        folder.add(
            new PgBouncerServer(
                "jdbc:postgresql://127.0.0.1:%d/bench?user=%s&password=%s"
                    .formatted(port, USER, password),
                version,
                serverConnections,
                () -> stop(process, home)));
    if (!answers(process, port)) {
      List<String> lines = Files.readAllLines(log);
      throw new IOException(
          "pgbouncer does not start: "
              + String.join("; ", lines.subList(Math.max(0, lines.size() - 3), lines.size())));
    }
    return started;
  }

  private static List<String> command(Path executable, Path home, List<Path> secrets)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(executable.toString()));
    for (Path secret : secrets) {
      var unused =
          Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    }
    if ("root".equals(System.getProperty("user.name"))) {
      var unused =
          Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
      for (Path secret : secrets) {
        var unusedOwner =
            Files.setOwner(
                secret,
                secret
                    .getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(RUNS_AS));
      }
      command.addAll(List.of("-u", RUNS_AS));
    }
    command.add(home.resolve("pgbouncer.ini").toString());
    return command;
  }

  private static String ini(
      PostgresServer server,
      int port,
      Path users,
      int serverConnections,
      int clients,
      boolean prepares) {
    PGSimpleDataSource url = new PGSimpleDataSource();
    url.setUrl(server.jdbcUrl());
    String password = url.getPassword();
    return """
    [databases]
    bench = host=%s port=%d dbname=%s user=%s%s
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = %d
    unix_socket_dir =
    auth_type = plain
    auth_file = %s
    pool_mode = transaction
    default_pool_size = %d
    max_client_conn = %d
    ignore_startup_parameters = extra_float_digits
    %s
    """
        .formatted(
            quoted(url.getServerNames()[0]),
            url.getPortNumbers()[0],
            quoted(Objects.requireNonNullElse(url.getDatabaseName(), "postgres")),
            quoted(Objects.requireNonNullElse(url.getUser(), System.getProperty("user.name"))),
            password == null ? "" : " password=" + quoted(password),
            port,
            users,
            serverConnections,
            clients,
            prepares ? "max_prepared_statements = 200" : "");
  }

  private static String quoted(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  private static boolean prepares(String version) {
    String[] numbers = version.split("\\.", -1);
    int major = Integer.parseInt(numbers[0]);
    return major > PREPARES[0]
        || (major == PREPARES[0] && Integer.parseInt(numbers[1]) >= PREPARES[1]);
  }

  private static boolean answers(Process process, int port) throws InterruptedException {
    long giveUpAt = System.nanoTime() + START_LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() - giveUpAt < 0) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return socket.isConnected();
      } catch (IOException e) {
        // Not listening yet.
      }
      Thread.sleep(20);
    }
    return false;
  }

  /** Whether statements can be prepared through it. */
  public boolean prepares() {
    return prepares(version);
  }

  String version() {
    return version;
  }

  /** How many connections it makes to the server. */
  public int serverConnections() {
    return serverConnections;
  }

  /** Where it is. It holds a password: never print it. */
  public String jdbcUrl() {
    return jdbcUrl;
  }

  Map<String, String> settings() {
    return Map.of(
        "server_version",
        version,
        "pool",
        "transaction mode, %d connections to the server, prepared statements %s"
            .formatted(serverConnections, prepares() ? "on" : "unknown to this version"));
  }

  private static void stop(Process process, Path home) throws IOException, InterruptedException {
    process.destroy();
    // Newer ones wait for their clients at the first signal, and end at the second.
    if (!process.waitFor(1, TimeUnit.SECONDS)) {
      process.destroy();
    }
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
    }
    WorkFolder.delete(home);
  }

  @Override
  public void close() throws Exception {
    process.close();
  }
}
