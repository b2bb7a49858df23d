package io.howdah.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.shop.demo.Demo;
import io.howdah.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What ./run starts, in a process of its own, and a connection as psql has one. */
final class RunningShop implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(5);
  private static final Pattern JDBC_URL =
      Pattern.compile("^ *(jdbc:postgresql:\\S+)$", Pattern.MULTILINE);

  private final Process process;
  private final List<Integer> ports;
  private final Path out;
  private final Path err;

  private RunningShop(Process process, List<Integer> ports, Path out, Path err) {
    this.process = process;
    this.ports = ports;
    this.out = out;
    this.err = err;
  }

  /** Its output goes into files in the folder. */
  static RunningShop start(Path folder) throws IOException {
    List<Integer> ports = freePorts();
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Demo.class.getName(),
                "--port",
                ports.get(0).toString(),
                "--port2",
                ports.get(1).toString())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new RunningShop(process, ports, out, err);
  }

  /** Both at once, or they might be the same. */
  private static List<Integer> freePorts() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket one = new ServerSocket(0, 1, here);
        ServerSocket two = new ServerSocket(0, 1, here)) {
      return List.of(one.getLocalPort(), two.getLocalPort());
    }
  }

  RunningShop awaitReady() {
    Eventually.holds(
        "both shops serve",
        START,
        () -> said().contains("Ctrl-C stops everything") || !process.isAlive());
    assertThat(process.isAlive()).as(said()).isTrue();
    return this;
  }

  String said() {
    try {
      return Files.readString(out) + Files.readString(err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String one(String path) {
    return "http://localhost:" + ports.get(0) + path;
  }

  String two(String path) {
    return "http://localhost:" + ports.get(1) + path;
  }

  List<Integer> ports() {
    return ports;
  }

  private Connection connect() throws SQLException {
    Matcher url = JDBC_URL.matcher(said());
    assertThat(url.find()).as(said()).isTrue();
    return DriverManager.getConnection(url.group(1));
  }

  /** Statements as somebody would type them. */
  void sql(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String text : statements) {
        boolean unused = statement.execute(text);
      }
    }
  }

  /** The first column of the only row. */
  long number(String query) {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(query);
        ResultSet rows = statement.executeQuery()) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isPostgresThere() {
    try (Connection connection = connect()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /** As Ctrl-C does; nothing that it started may be left. */
  void stop() throws InterruptedException {
    List<ProcessHandle> all = process.descendants().toList();
    assertThat(all).hasSizeGreaterThanOrEqualTo(2);
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
    assertThat(all).noneMatch(ProcessHandle::isAlive);
    assertThat(isPostgresThere()).isFalse();
  }

  @Override
  public void close() throws InterruptedException {
    if (process.isAlive()) {
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(said()).isTrue();
    }
  }
}
