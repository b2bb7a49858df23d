package io.howdah.server.postgres;

import static io.howdah.server.ProblemAssert.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.server.HowdahServer;
import io.howdah.server.ServerFixture;
import io.howdah.server.ServerSettings;
import io.howdah.server.ServerSettings.Database;
import io.howdah.server.ServerSettings.Http;
import io.howdah.server.ServerSettings.Library;
import io.howdah.server.StartupException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("full")
final class EmbeddedTest {
  @TempDir private Path temporary;

  private static ServerSettings settings(@Nullable Path data) {
    return new ServerSettings(
        new Http("127.0.0.1", 0), new Database.Embedded(data, 0), Library.defaults());
  }

  private static HowdahServer start(@Nullable Path data, List<String> announced) {
    HowdahServer server = new HowdahServer(settings(data), announced::add);
    server.start();
    return server;
  }

  private static HttpResponse<String> get(HowdahServer server, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
            BodyHandlers.ofString());
  }

  @Test
  void dataInAFolderSurvivesARestart() throws Exception {
    Path data = temporary.resolve("new/folder");
    try (HowdahServer server = start(data, new ArrayList<>());
        Howdah howdah = Howdah.open(server.database().jdbcUrl())) {
      var unused = howdah.namespaces().create("kept", Durability.DURABLE);
      howdah.kv("kept", String.class).set("k", "durable");
      howdah.kv("passing", String.class).set("k", "ephemeral");
      assertThatThrownBy(() -> start(data, new ArrayList<>()))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("in use")
          .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
      assertServerIsSafe(server);
    }
    assertThat(Files.exists(data.resolve("postgres/postmaster.pid"))).isFalse();
    try (HowdahServer server = start(data, new ArrayList<>());
        Howdah howdah = Howdah.open(server.database().jdbcUrl())) {
      assertThat(howdah.kv("kept", String.class).get("k")).contains("durable");
      assertThat(howdah.kv("passing", String.class).get("k")).contains("ephemeral");
    }
  }

  /** The library that starts it makes it for tests: without fsync, for example. */
  private static void assertServerIsSafe(HowdahServer server) throws Exception {
    assertThat(server.database().jdbcUrl()).endsWith("?user=howdah");
    try (var connection =
            DriverManager.getConnection(
                server.database().jdbcUrl().replace("?user=howdah", "?user=postgres"));
        var statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'),"
                    + " current_setting('listen_addresses'), current_setting('unix_socket_directories'), current_database(),"
                    + " (SELECT rolsuper FROM pg_roles WHERE rolname = 'howdah')")) {
      assertThat(row.next()).isTrue();
      assertThat(List.of(row.getString(1), row.getString(2), row.getString(3))).containsOnly("on");
      assertThat(row.getString(4)).isEqualTo("127.0.0.1");
      assertThat(row.getString(5)).isEmpty();
      assertThat(row.getString(6)).isEqualTo("howdah");
      assertThat(row.getBoolean(7)).isFalse();
    }
  }

  @Test
  void aTemporaryFolderIsAnnouncedAndDeleted() {
    List<String> announced = new ArrayList<>();
    Path folder;
    try (HowdahServer server = start(null, announced)) {
      assertThat(announced).hasSize(1);
      folder = Path.of(announced.get(0).replaceAll(".*temporary folder, ([^,]+),.*", "$1"));
      assertThat(folder).isDirectory();
      assertThat(server.database().masked()).startsWith("jdbc:postgresql://127.0.0.1:");
    }
    assertThat(folder).doesNotExist();
  }

  @Test
  void aFolderOfSomebodyElseIsLeftAlone() throws Exception {
    Path file = Files.writeString(temporary.resolve("thesis.txt"), "text");
    assertThatThrownBy(() -> start(temporary, new ArrayList<>()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("not empty");
    try (Stream<Path> files = Files.list(temporary)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void anInterruptedFirstStartIsMadeAgain() throws Exception {
    Files.writeString(temporary.resolve("howdah.lock"), "1");
    Files.createDirectories(temporary.resolve("postgres/base"));
    Files.writeString(temporary.resolve("postgres/PG_VERSION"), "18\n");
    Files.writeString(temporary.resolve("postgres/postgresql.conf"), "");
    try (HowdahServer server = start(temporary, new ArrayList<>())) {
      assertThat(get(server, "/health/ready").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aDatabaseThatLostItsMarkIsKept() throws Exception {
    try (HowdahServer server = start(temporary, new ArrayList<>());
        Howdah howdah = Howdah.open(server.database().jdbcUrl())) {
      var unused = howdah.namespaces().create("kept", Durability.DURABLE);
      howdah.kv("kept", String.class).set("k", "durable");
    }
    Path marker = temporary.resolve("howdah.layout");
    Files.delete(marker);
    List<String> announced = new ArrayList<>();
    try (HowdahServer server = start(temporary, announced)) {
      assertThat(get(server, "/v1/kv/kept/k").statusCode()).isEqualTo(404);
    }
    assertThat(announced)
        .hasSize(1)
        .first()
        .asString()
        .contains("howdah.layout")
        .contains("kept as postgres.aside");
    assertThat(marker).exists();

    DataFolder.delete(temporary.resolve("postgres"));
    Files.move(temporary.resolve("postgres.aside"), temporary.resolve("postgres"));
    try (HowdahServer server = start(temporary, new ArrayList<>())) {
      assertThat(get(server, "/v1/kv/kept/k").body()).isEqualTo("\"durable\"");
    }
  }

  @Test
  void aLongStartIsCutShort() throws Exception {
    try (HowdahServer server = start(temporary, new ArrayList<>())) {
      assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
    }
    // Recovery that waits for an archive takes for ever.
    Files.createFile(temporary.resolve("postgres/recovery.signal"));
    Files.writeString(
        temporary.resolve("postgres/postgresql.conf"), "restore_command = 'sleep 600'\n");
    HowdahServer server = new HowdahServer(settings(temporary), line -> {});
    CompletableFuture<Void> started = CompletableFuture.runAsync(server::start);
    while (Postmaster.on(temporary.resolve("postgres")).isEmpty()) {
      assertThat(started).isNotDone();
      LockSupport.parkNanos(10_000_000);
    }
    server.close();
    assertThatThrownBy(() -> started.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StartupException.class)
        .hasMessageContaining("stopped while starting");
    assertThat(Postmaster.on(temporary.resolve("postgres"))).isEmpty();
    assertThat(temporary.resolve("postgres/PG_VERSION")).exists();
  }

  @Test
  void aFirstStartThatIsCutShortLeavesNothing() throws Exception {
    HowdahServer server = new HowdahServer(settings(temporary), line -> {});
    CompletableFuture<Void> started = CompletableFuture.runAsync(server::start);
    while (!Files.exists(temporary.resolve("postgres/global/pg_control"))) {
      assertThat(started).isNotDone();
      LockSupport.parkNanos(1_000_000);
    }
    server.close();
    assertThatThrownBy(() -> started.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(StartupException.class)
        .hasMessageContaining("stopped while starting");
    assertThat(temporary.resolve("postgres")).doesNotExist();
  }

  @Test
  void aPostgresThatDoesNotStartIsReportedWithItsLog() throws Exception {
    try (HowdahServer server = start(temporary, new ArrayList<>())) {
      assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
    }
    Files.writeString(temporary.resolve("postgres/postgresql.conf"), "no_such_setting = 1\n");
    long begin = System.nanoTime();
    assertThatThrownBy(() -> start(temporary, new ArrayList<>()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("did not start")
        .hasMessageContaining("no_such_setting");
    assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(60));
  }

  @Test
  void anotherPortIsTakenWhereTheFirstOneIsGone() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket taken = new ServerSocket(0, 1, here);
        ServerSocket free = new ServerSocket(0, 1, here);
        DataFolder folder = DataFolder.open(temporary)) {
      free.close();
      Iterator<Integer> ports = List.of(taken.getLocalPort(), free.getLocalPort()).iterator();
      EmbeddedServer server = EmbeddedServer.start(folder, ports::next, 2, () -> false, line -> {});
      assertThat(server.url().jdbcUrl()).contains(":" + free.getLocalPort() + "/");
      server.close();
    }
  }

  @Test
  void portsInUseAreReported() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      HowdahServer http =
          new HowdahServer(
              new ServerSettings(
                  new Http("127.0.0.1", port),
                  new Database.Embedded(temporary, 0),
                  Library.defaults()),
              line -> {});
      assertThatThrownBy(http::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("port " + port)
          .hasMessageContaining("--http-port");
      HowdahServer postgres =
          new HowdahServer(
              new ServerSettings(
                  new Http("127.0.0.1", 0),
                  new Database.Embedded(temporary, port),
                  Library.defaults()),
              line -> {});
      assertThatThrownBy(postgres::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("port " + port)
          .hasMessageContaining("--postgres-port");
    }
  }

  @Test
  void aPostgresThatIsGoneMakesTheServerUnready() throws Exception {
    try (HowdahServer server = start(temporary, new ArrayList<>())) {
      assertThat(
              ServerFixture.json(get(server, "/health/ready"))
                  .path("postgresVersion")
                  .stringValue())
          .startsWith("18.");
      assertThat(ServerFixture.json(get(server, "/health/ready")).path("jdbcUrl").stringValue())
          .isEqualTo(server.database().jdbcUrl());
      assertThat(Postmaster.on(temporary.resolve("postgres")).orElseThrow().stop()).isTrue();
      assertThat(server.ended().get(10, TimeUnit.SECONDS)).isTrue();

      HttpResponse<String> ready = get(server, "/health/ready");
      assertThat(assertProblem(ready, 503, "UNAVAILABLE").path("outcome").stringValue())
          .isEqualTo("NOT_APPLIED");
      assertThat(ready.headers().firstValue("Retry-After")).isPresent();
      assertProblem(get(server, "/v1/kv/a/b"), 503, "UNAVAILABLE");
      assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void onlyThePostgresOfAFolderIsFoundThere() throws Exception {
    Path data = temporary.resolve("data");
    try (HowdahServer server = start(data, new ArrayList<>())) {
      Path file = data.resolve("postgres/postmaster.pid");
      assertThat(Postmaster.on(file.getParent())).isPresent();

      // A stale file that names the process id of another Postgres, by its later start.
      List<String> lines = Files.readAllLines(file);
      Files.write(file, with(lines, 2, Long.toString(Long.parseLong(lines.get(2)) - 3_600)));
      assertThat(Postmaster.on(file.getParent())).isEmpty();
      Files.write(file, with(lines, 2, Long.toString(Long.MAX_VALUE)));
      assertThat(Postmaster.on(file.getParent())).isEmpty();
      Files.write(file, lines);

      Path copy = Files.createDirectories(temporary.resolve("copy/postgres"));
      Files.copy(file, copy.resolve("postmaster.pid"));
      if (Files.exists(Path.of("/proc/self/cwd"))) {
        assertThat(Postmaster.on(copy)).isEmpty();
      }
      assertThat(get(server, "/health/ready").statusCode()).isEqualTo(200);
    }
  }

  private static List<String> with(List<String> lines, int index, String line) {
    List<String> changed = new ArrayList<>(lines);
    changed.set(index, line);
    return changed;
  }

  @Test
  void addressesOtherThanLoopbackAreRefused() {
    for (String host :
        List.of("0.0.0.0", "192.168.1.1", "::", "example.org", "127.0.0.1.example.org", "")) {
      assertThatThrownBy(() -> new Http(host, 0))
          .hasMessageStartingWith("http-host: ")
          .hasMessageContaining("loopback");
    }
    assertThat(new Http("localhost", 0).host()).isEqualTo("127.0.0.1");
  }
}
