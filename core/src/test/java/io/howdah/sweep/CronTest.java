package io.howdah.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.Eventually;
import io.howdah.testing.Programs;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Debian's Postgres 15 with its pg_cron, on a private server. */
@Tag("full")
@Timeout(240)
class CronTest {
  private static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");
  private static final Path PG_CRON = Path.of("/usr/lib/postgresql/15/lib/pg_cron.so");

  private Path folder;
  private String url = "";

  @BeforeEach
  void start() throws IOException, InterruptedException {
    Programs.requireFile(BIN.resolve("postgres"), "postgresql-15");
    Programs.requireFile(PG_CRON, "postgresql-15-cron");
    folder = Files.createTempDirectory("howdah-cron");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    run("initdb", "-D", data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
    run(
        "pg_ctl",
        "-D",
        data(),
        "-l",
        folder.resolve("log").toString(),
        "-w",
        "-o",
        "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories='%s' -c shared_preload_libraries=pg_cron -c cron.host=127.0.0.1"
            .formatted(port, folder),
        "start");
    url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    if (!url.isEmpty()) {
      run("pg_ctl", "-D", data(), "-m", "immediate", "-w", "stop");
    }
    if (folder != null) {
      run("rm", "-rf", data(), folder.resolve("log").toString());
      Files.deleteIfExists(folder);
    }
  }

  @Test
  void cronSweeps() throws Exception {
    try (Howdah howdah = Howdah.builder(url).sweeper(false).open();
        Connection connection = DriverManager.getConnection(url)) {
      KeyValueStore<Integer> store = howdah.kv("tokens", Integer.class);
      for (int i = 0; i < 100; i++) {
        store.set("k" + i, i, Duration.ofMinutes(1));
      }
      query(connection, "UPDATE howdah.kv_ephemeral SET expires_at = now()");
      query(connection, "CREATE EXTENSION pg_cron");
      query(
          connection,
          "SELECT cron.schedule('howdah-sweep', '* * * * *', $$CALL howdah.sweep_all('1 second')$$)");
      Eventually.holds(
          "cron has swept",
          Duration.ofMinutes(3),
          () ->
              query(connection, "SELECT key FROM howdah.kv_ephemeral").isEmpty()
                  && query(connection, "SELECT status FROM cron.job_run_details")
                      .contains("succeeded"));
    }
  }

  @CanIgnoreReturnValue
  private static List<String> query(Connection connection, String sql) {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            values.add(rows.getString(1));
          }
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
    return values;
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  /** Postgres refuses to run as root; its packages make a user for it. */
  private void run(String program, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    Path path = BIN.resolve(program);
    command.add(Files.exists(path) ? path.toString() : program);
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("howdah-cron", ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/tmp").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(program).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    Files.delete(output);
  }
}
