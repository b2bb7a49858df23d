package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.fault.History.Event;
import io.howdah.testing.Eventually;
import io.howdah.testing.Programs;
import io.howdah.testing.TestPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The clock of a client's machine is set, forwards and backwards, under load: for a process of its
 * own, by libfaketime, which leaves the monotonic clock alone, as an operating system does.
 */
@Tag("full")
@Timeout(240)
class ClockTest {
  private final String schema = TestPostgres.freshSchema(getClass());

  @AfterEach
  void drop() throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }
  }

  @Test
  void steppedClockOfAClientChangesNothing() throws Exception {
    Path offset = Files.createTempFile("howdah-clock", ".offset");
    step(offset, Duration.ZERO);
    Map<String, String> environment =
        Map.of(
            "LD_PRELOAD",
            library(),
            "FAKETIME_TIMESTAMP_FILE",
            offset.toString(),
            "FAKETIME_CACHE_DURATION",
            "1",
            "FAKETIME_DONT_FAKE_MONOTONIC",
            "1",
            // Or else waiting for a time on the monotonic clock ends at once.
            "FAKETIME_FORCE_MONOTONIC_FIX",
            "0");
    List<String> classPath =
        List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    try (LoadProcess client =
        LoadProcess.start(classPath, environment, TestPostgres.url(), schema, 1)) {
      client.setWithTimeToLive("relaxed", "hour", Duration.ofHours(1));
      for (Duration step :
          List.of(Duration.ofDays(400), Duration.ofDays(-400), Duration.ofSeconds(-30))) {
        client.awaitProgress(300);
        step(offset, step);
        Eventually.holds("its clock is set", () -> isOff(client, step));
        client.awaitProgress(300);
        assertThat(client.timeToLive("relaxed", "hour"))
            .isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
        client.setWithTimeToLive("relaxed", "another", Duration.ofHours(2));
        assertThat(client.timeToLive("relaxed", "another"))
            .isBetween(Duration.ofMinutes(110), Duration.ofHours(2));
        assertThat(end("another")).isBetween(110 * 60L, 120 * 60L);
      }
      List<Event> events = client.stop();
      assertThat(events).allMatch(Event::isAnswered);
      try (Connection connection = TestPostgres.dataSource().getConnection()) {
        new Checker(LoadProcess.namespaces(), events, List.of())
            .check(Checker.there(connection, schema));
      }
    } finally {
      Files.delete(offset);
    }
  }

  private static boolean isOff(LoadProcess client, Duration by) {
    try {
      long off = client.clock() - System.currentTimeMillis();
      return Math.abs(off - by.toMillis()) < 20_000;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void step(Path offset, Duration by) throws IOException {
    Path next = Files.createTempFile("howdah-clock", ".next");
    Files.writeString(next, "%+d%n".formatted(by.toSeconds()));
    Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What the program preloads into others. */
  private static String library() throws IOException {
    Path program = Programs.require("faketime");
    Process asked =
        new ProcessBuilder(program.toString(), "-m", "-f", "+0", "printenv", "LD_PRELOAD").start();
    return new String(asked.getInputStream().readAllBytes()).strip();
  }

  /** By the server's clock, in seconds from now. */
  private long end(String key) throws SQLException {
    try (Connection connection = TestPostgres.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT extract(epoch FROM expires_at - now())::bigint FROM "
                    + schema
                    + ".kv WHERE key = '"
                    + key
                    + "'")) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }
}
