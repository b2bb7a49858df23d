package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an import believes of whoever answers on the port of a server. */
final class RunningServerTest {
  private static final String SERVED = "jdbc:postgresql://127.0.0.1:5433/howdah?user=howdah";

  private static HttpServer answering(String address, String body) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName(address), 0), 0);
    server.createContext(
        "/health/ready",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String ready(String jdbcUrl) {
    return "{\"status\":\"ready\",\"schema\":\"s\",\"jdbcUrl\":\"" + jdbcUrl + "\"}";
  }

  @Test
  void itsOwnPostgresIsTheDatabase() throws IOException {
    HttpServer server = answering("127.0.0.1", ready(SERVED));
    int port = server.getAddress().getPort();
    try {
      assertThat(RunningServer.on(port))
          .contains(new RunningServer("http://127.0.0.1:" + port, SERVED, "s"));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void itIsFoundOnTheOtherLoopbackAddressToo() throws IOException {
    HttpServer server;
    try {
      server = answering("::1", ready(SERVED));
    } catch (IOException e) {
      Assumptions.abort("this machine has no ::1");
      return;
    }
    int port = server.getAddress().getPort();
    try {
      assertThat(RunningServer.on(port))
          .contains(new RunningServer("http://[::1]:" + port, SERVED, "s"));
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://example.org:5432/howdah?user=howdah",
        "jdbc:postgresql://127.0.0.1.example.org:5432/howdah?user=howdah",
        "jdbc:postgresql://127.0.0.1:5432,example.org:5432/howdah?user=howdah",
        "jdbc:postgresql://127.0.0.1:5432/howdah?user=howdah&socketFactory=org.example.Trap",
        "jdbc:postgresql://127.0.0.1:5432/howdah?user=howdah&loggerFile=/etc/trap",
        "jdbc:postgresql://127.0.0.1:5432/howdah?service=trap",
        "jdbc:mysql://127.0.0.1:5432/howdah?user=howdah"
      })
  void aDatabaseElsewhereIsRefused(String jdbcUrl) throws IOException {
    HttpServer server = answering("127.0.0.1", ready(jdbcUrl));
    try {
      assertThatThrownBy(() -> RunningServer.on(server.getAddress().getPort()))
          .isInstanceOf(CommandFailure.class)
          .hasMessageContaining("--database-url")
          .hasMessageNotContaining("howdah?");
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "", "<html>", "{\"jdbcUrl\":null}"})
  void whatIsNoServerIsNone(String body) throws IOException {
    HttpServer server = answering("127.0.0.1", body);
    try {
      assertThat(RunningServer.on(server.getAddress().getPort())).isEmpty();
    } finally {
      server.stop(0);
    }
  }
}
