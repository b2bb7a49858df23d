package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testing.Eventually;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor finds out about the real PgBouncer, without being told. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DoctorPoolerTest {
  @TempDir Path folder;
  private final String schema = TestPostgres.freshSchema(DoctorPoolerTest.class);
  private Process pooler;
  private int port;

  @BeforeAll
  void makeTheSchema() {
    Howdah.builder(TestPostgres.url()).schema(schema).sweeper(false).open().close();
  }

  private void start(String mode) throws Exception {
    Path program = Programs.require("pgbouncer");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path users = Files.writeString(folder.resolve("users.txt"), "\"postgres\" \"\"\n");
    Path settings =
        Files.writeString(
            folder.resolve("pgbouncer.ini"),
            """
            [databases]
            postgres = host=127.0.0.1 port=%d dbname=postgres
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = %d
            auth_type = trust
            auth_file = %s
            pool_mode = %s
            default_pool_size = 4
            unix_socket_dir =
            ignore_startup_parameters = extra_float_digits
            """
                .formatted(TestPostgres.port(), port, users, mode));
    // As root it refuses to run, unless told as whom.
    boolean root = "root".equals(System.getProperty("user.name"));
    pooler =
        new ProcessBuilder(
                root
                    ? List.of(program.toString(), "-u", "nobody", settings.toString())
                    : List.of(program.toString(), settings.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Eventually.holds("the pooler takes connections", this::accepts);
  }

  private boolean accepts() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (pooler != null) {
      pooler.destroy();
      assertThat(pooler.waitFor(20, TimeUnit.SECONDS)).isTrue();
      pooler = null;
    }
  }

  private DoctorReport through(String parameters, String... more) {
    return DoctorReport.of(
        TestPostgres.url(),
        Stream.concat(
                Stream.of("--schema", schema, "--via", TestPostgres.urlAt(port) + parameters),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void transactionModeAndWhatItDoesNotPassOn() throws Exception {
    start("transaction");
    DoctorReport report = through("");
    assertThat(report.fact("pooler")).isEqualTo("transaction");
    DoctorReport.Found prepared = report.one("prepared-statements");
    assertThat(prepared.severity()).isEqualTo("warning");
    assertThat(prepared.remedy().get(0)).startsWith("prepareThreshold=0");
    assertThat(report.one("pooler-listen").remedy().get(0))
        .startsWith("listenUrl = jdbc:postgresql://")
        .endsWith(":" + TestPostgres.port() + "/postgres?...");
    assertThat(through("&prepareThreshold=0").one("prepared-statements").severity())
        .isEqualTo("notice");
    assertThat(report.all("pooler-session-mode")).isEmpty();
    assertThat(through("", "--pool-size", "1000").all("max-connections"))
        .as("the application's connections end at the pooler")
        .isEmpty();
    // Where no other URL is given, it looks through the pooler at everything.
    DoctorReport all = DoctorReport.of(TestPostgres.urlAt(port), "--schema", schema);
    assertThat(all.fact("pooler")).isEqualTo("transaction");
    assertThat(all.json().get("skipped")).isEmpty();
    assertThat(all.one("pooler-listen").remedy().get(0)).contains("past the pooler");
    assertThat(
            CommandRun.of("doctor", "--database-url", TestPostgres.urlAt(port), "--schema", schema)
                .out())
        .contains("transaction mode, prepared statements do not come through");
  }

  @Test
  void sessionMode() throws Exception {
    start("session");
    DoctorReport report = through("");
    assertThat(report.fact("pooler")).isEqualTo("session");
    assertThat(report.one("pooler-session-mode").remedy().get(0))
        .contains("pool_mode = transaction");
    assertThat(report.one("prepared-statements-unused").remedy().get(0))
        .startsWith("prepareThreshold=1");
    assertThat(report.all("pooler-listen")).isEmpty();
    assertThat(through("&prepareThreshold=1").all("prepared-statements-unused")).isEmpty();
  }

  @Test
  void statementModeIsCritical() throws Exception {
    start("statement");
    DoctorReport report = through("");
    assertThat(report.one("pooler-statement-mode").severity()).isEqualTo("critical");
    assertThat(report.exitCode()).isEqualTo(4);
  }

  @Test
  void noPoolerIsNoFinding() {
    DoctorReport report = DoctorReport.of(TestPostgres.url(), "--schema", schema);
    assertThat(report.fact("pooler")).isEqualTo("none");
    assertThat(report.findings())
        .noneMatch(finding -> finding.id().contains("pooler") || finding.id().contains("prepared"));
  }

  @Test
  void aPoolerThatDoesNotAnswerIsSaid() throws Exception {
    start("transaction");
    stop();
    DoctorReport report = through("");
    assertThat(report.json().get("skipped"))
        .anySatisfy(skipped -> {
          assertThat(skipped.get("id").asString()).isEqualTo("pooler-listen");
          assertThat(skipped.get("reason").asString()).contains("no answer through the pooler");
        });
  }
}
