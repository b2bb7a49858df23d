package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.testing.TestPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.OptionSpec;

/** As a process: what a user sees and does. */
final class ServeCommandTest {
  @TempDir private Path folder;

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(ChildProcess server, String path) {
    return HttpRequest.newBuilder(URI.create(server.httpUrl() + path))
        .header("Content-Type", "application/json");
  }

  private Path data() {
    return folder.resolve("data");
  }

  /** The options win over what the environment says about the same, or about another database. */
  private ChildProcess serveData() throws Exception {
    return ChildProcess.start(
        folder,
        Map.of(
            "HOWDAH_DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/none?user=none",
            "HOWDAH_HTTP_PORT", "none"),
        "serve",
        "--data",
        data().toString(),
        "--http-port",
        "0");
  }

  private static boolean postgresRuns(Path data) throws Exception {
    Path file = data.resolve("postgres/postmaster.pid");
    return Files.exists(file)
        && ProcessHandle.of(Long.parseLong(Files.readAllLines(file).get(0)))
            .flatMap(process -> process.info().command())
            .isPresent();
  }

  @Test
  void itServesAndStopsAndKeepsTheData() throws Exception {
    try (ChildProcess server = serveData().awaitReady()) {
      assertThat(server.out().lines().toList())
          .hasSize(2)
          .satisfies(lines ->
              assertThat(lines.get(0))
                  .matches(
                      "Howdah is ready: http://127\\.0\\.0\\.1:\\d+ jdbc:postgresql://127\\.0\\.0\\.1:\\d+/howdah\\?user=howdah"))
          .satisfies(lines ->
              assertThat(lines.get(1))
                  .matches("psql \"host=127\\.0\\.0\\.1 port=\\d+ dbname=howdah user=howdah\""));
      assertThat(server.err()).isEmpty();
      assertThat(
              send(request(server, "/v1/kv/n/k").PUT(BodyPublishers.ofString("\"v\"")))
                  .statusCode())
          .isEqualTo(204);
      try (var connection = DriverManager.getConnection(server.jdbcUrl());
          var statement = connection.createStatement();
          var rows = statement.executeQuery("SELECT howdah.kv_get('n', 'k')")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("\"v\"");
      }

      ChildProcess second = serveData();
      assertThat(second.awaitExit()).isEqualTo(1);
      assertThat(second.out()).isEmpty();
      assertThat(second.err().lines().toList()).hasSize(1);
      assertThat(second.err())
          .contains(data().toString())
          .contains("in use")
          .contains(Long.toString(server.pid()));

      int terminated = 143;
      assertThat(server.terminate()).isEqualTo(terminated);
      assertThat(server.err()).isEmpty();
      assertThat(postgresRuns(data())).isFalse();
      assertThat(Files.readString(data().resolve("postgres.log")))
          .contains("database system is shut down");
    }
    try (ChildProcess again = serveData().awaitReady()) {
      assertThat(send(request(again, "/v1/kv/n/k")).body()).isEqualTo("\"v\"");
    }
  }

  @Tag("full")
  @Test
  void afterAKillTheNextStartStopsThePostgresThatIsLeft() throws Exception {
    try (ChildProcess server = serveData().awaitReady()) {
      assertThat(send(request(server, "/v1/kv/n/k").PUT(BodyPublishers.ofString("1"))).statusCode())
          .isEqualTo(204);
      server.kill();
    }
    assertThat(postgresRuns(data())).isTrue();
    try (ChildProcess again = serveData().awaitReady()) {
      assertThat(again.err()).contains("still running").contains("stopping it");
      assertThat(send(request(again, "/v1/kv/n/k")).body()).isEqualTo("1");
    }
    assertThat(postgresRuns(data())).isFalse();
  }

  @Test
  @Tag("full")
  void manyLargeValuesAtOnceFitIntoASmallHeap() throws Exception {
    int values = 80; // 640 MB, and the server has a heap of 512
    try (ChildProcess server =
        ChildProcess.start(folder, "serve", "--http-port", "0", "--call-timeout", "1m")
            .awaitReady()) {
      try (var connection = DriverManager.getConnection(server.jdbcUrl());
          var statement = connection.createStatement()) {
        statement.execute(
            "SELECT howdah.kv_set('large', i::text, to_jsonb(repeat('x', 8000000))) FROM generate_series(1, "
                + values
                + ") AS i");
      }
      String keys =
          IntStream.rangeClosed(1, values)
              .mapToObj(i -> "\"" + i + "\"")
              .collect(Collectors.joining(","));
      HttpResponse<String> answer =
          send(
              request(server, "/v1/kv/large:batchGet")
                  .POST(BodyPublishers.ofString("{\"keys\":[" + keys + "]}")));
      assertThat(answer.statusCode()).as(server.err()).isEqualTo(200);
      assertThat(answer.body()).startsWith("{\"entries\":[{\"key\":\"1\",");
      assertThat(answer.body()).endsWith("\"79\",\"80\"]}");
    }
  }

  @Test
  void aPortInUseIsALine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ChildProcess server =
          ChildProcess.start(
              folder, "serve", "--http-port", Integer.toString(taken.getLocalPort()));
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.out()).isEmpty();
      assertThat(server.err().lines().filter(line -> line.contains("port " + taken.getLocalPort())))
          .hasSize(1);
      assertThat(server.err()).doesNotContain("Exception").doesNotContain("\tat ");
    }
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("howdah-serve-")))
          .isEmpty();
    }
  }

  @Tag("full")
  @Test
  void temporaryDataIsAnnouncedAndDeleted() throws Exception {
    Map<String, String> blank = new HashMap<>();
    for (OptionSpec option :
        Main.commandLine().getSubcommands().get("serve").getCommandSpec().options()) {
      blank.put(Variables.nameOf(option.longestName()), " ");
    }
    try (ChildProcess server =
        ChildProcess.start(folder, blank, "serve", "--http-port", "0").awaitReady()) {
      assertThat(server.err())
          .contains("temporary folder, " + folder.resolve("howdah-serve-"))
          .contains("--data DIR");
    }
    assertNothingIsLeft();
  }

  @Tag("full")
  @Test
  void whenItsPostgresEndsItSaysWhatThatSaidLast() throws Exception {
    try (ChildProcess server =
        ChildProcess.start(folder, "serve", "--http-port", "0").awaitReady()) {
      Path data = Path.of(server.err().replaceAll("(?s).*temporary folder, ([^,]+),.*", "$1"));
      String pid = Files.readAllLines(data.resolve("postgres/postmaster.pid")).get(0);
      assertThat(new ProcessBuilder("kill", "-INT", pid).start().waitFor()).isZero();
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.err())
          .contains("the embedded Postgres has ended")
          .contains("database system is shut down");
    }
    assertNothingIsLeft();
  }

  @Tag("full")
  @Test
  void anOptionWinsOverTheVariables() throws Exception {
    Map<String, String> environment =
        Map.of(
            "HOWDAH_DATA",
            data().toString(),
            "HOWDAH_POSTGRES_PORT",
            "1",
            "HOWDAH_LANES",
            "none",
            "HOWDAH_SCHEMA",
            "none");
    String schema = TestPostgres.freshSchema(ServeCommandTest.class);
    try (ChildProcess server =
        ChildProcess.start(
                folder,
                environment,
                "serve",
                "--database-url",
                TestPostgres.url(),
                "--http-port",
                "0",
                "--lanes",
                "2",
                "--schema",
                schema)
            .awaitReady()) {
      assertThat(server.jdbcUrl()).isEqualTo(TestPostgres.url());
      assertThat(send(request(server, "/health/ready")).body()).contains(schema);
      assertThat(data()).doesNotExist();
    }
  }

  @Test
  void variablesThatContradictEachOtherAreALine() throws Exception {
    Map<String, String> environment =
        Map.of("HOWDAH_DATA", data().toString(), "HOWDAH_DATABASE_URL", TestPostgres.url());
    try (ChildProcess server =
        ChildProcess.start(folder, environment, "serve", "--http-port", "0")) {
      assertThat(server.awaitExit()).isEqualTo(2);
      assertThat(server.err()).contains("HOWDAH_DATA ").contains("HOWDAH_DATABASE_URL");
    }
  }

  @Tag("full")
  @Test
  void itMayBeStoppedWhileItStarts() throws Exception {
    try (ChildProcess server = ChildProcess.start(folder, "serve", "--http-port", "0")) {
      server.await(() -> server.err().contains("temporary folder"));
      int unused = server.terminate();
      assertThat(server.out()).isEmpty();
    }
    assertNothingIsLeft();
  }

  @Test
  @Tag("full")
  void aTemporaryFolderThatAKillLeftIsRemovedByTheNextStart() throws Exception {
    Path left;
    try (ChildProcess server =
        ChildProcess.start(folder, "serve", "--http-port", "0").awaitReady()) {
      left = Path.of(server.err().replaceAll("(?s).*temporary folder, ([^,]+),.*", "$1"));
      server.kill();
    }
    assertThat(postgresRuns(left)).isTrue();
    assertThat(
            left.resolve("howdah.lock")
                .toFile()
                .setLastModified(System.currentTimeMillis() - 120_000))
        .isTrue();
    try (ChildProcess again =
        ChildProcess.start(folder, "serve", "--http-port", "0").awaitReady()) {
      assertThat(again.err()).contains("removing " + left);
      assertThat(left).doesNotExist();
    }
  }

  @Tag("full")
  @Test
  void passwordsAreMaskedEverywhere() throws Exception {
    String url = TestPostgres.url() + "&password=s3cret%21";
    String schema = TestPostgres.freshSchema(ServeCommandTest.class);
    Map<String, String> environment =
        Map.of(
            "HOWDAH_DATABASE_URL",
            url,
            "HOWDAH_HTTP_PORT",
            "0",
            "HOWDAH_SCHEMA",
            schema,
            "HOWDAH_LANES",
            "2",
            "HOWDAH_CALL_TIMEOUT",
            "3s");
    try (ChildProcess server =
            ChildProcess.start(folder, environment, "serve", "--verbose").awaitReady();
        Howdah howdah = Howdah.builder(TestPostgres.url()).schema(schema).open()) {
      assertThat(server.jdbcUrl()).isEqualTo(TestPostgres.url() + "&password=****");
      assertThat(send(request(server, "/v1/kv/n/k").PUT(BodyPublishers.ofString("1"))).statusCode())
          .isEqualTo(204);
      assertThat(howdah.kv("n", Integer.class).get("k")).contains(1);
      String ready = send(request(server, "/health/ready")).body();
      assertThat(ready).contains(schema).doesNotContain("jdbc:");
      assertThat(send(request(server, "/v1/kv/n/%FF")).body()).doesNotContain("s3cret");
      int unused = server.terminate();
      assertThat(server.out() + server.err()).doesNotContain("s3cret");
    }
  }

  @Test
  void passwordsAreMaskedInErrors() throws Exception {
    for (List<String> args :
        List.of(
            List.of(
                "serve",
                "--http-port",
                "0",
                "--verbose",
                "--database-url",
                "jdbc:postgresql://127.0.0.1:1/d?user=u&password=s3cret"),
            List.of(
                "serve",
                "--http-port",
                "0",
                "--verbose",
                "--database-url",
                "jdbc:postgresql://u:s3cret@127.0.0.1:1/d"),
            List.of(
                "serve",
                "--http-port",
                "0",
                "--verbose",
                "--database-url",
                "jdbc:postgresql://h:port/d?password=s3cret"),
            List.of(
                "serve",
                "--database-urll",
                "jdbc:postgresql://127.0.0.1:1/d?user=u&password=s3cret"),
            List.of(
                "migrate",
                "--verbose",
                "--database-url",
                "jdbc:postgresql://127.0.0.1:1/d?user=u&password=s3cret"),
            List.of(
                "import",
                "--verbose",
                "--database-url",
                "postgres://u:s3cret@h/d",
                "--key",
                "k",
                "--namespace",
                "n",
                "-"))) {
      CommandRun run = CommandRun.of(args.toArray(String[]::new));
      assertThat(run.exitCode()).as(args.toString()).isIn(1, 2);
      assertThat(run.err()).startsWith("howdah: ");
      assertThat(run.all()).doesNotContain("s3cret");
    }
  }

  @Test
  void passwordsAreMaskedInLogs() throws Exception {
    String url = "jdbc:postgresql://127.0.0.1:1/d?user=u&password=s3cret";
    try (ChildProcess server =
        ChildProcess.start(
            folder,
            "serve",
            "--http-port",
            "0",
            "--verbose",
            "--schema-mode",
            "none",
            "--database-url",
            url)) {
      assertThat(server.awaitExit()).isEqualTo(1);
      assertThat(server.err())
          .contains("howdah: cannot connect to Postgres")
          .contains("password=****")
          .contains("\tat ");
      assertThat(server.out() + server.err()).doesNotContain("s3cret");
    }
  }
}
