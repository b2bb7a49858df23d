package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SameOriginTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(SameOriginTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "LocalHost:PORT"})
  void ownNamesAreServed(String host) throws IOException {
    assertThat(
            server.sendRaw(
                "GET /health/live HTTP/1.1",
                "Host: " + host.replace("PORT", Integer.toString(server.port()))))
        .startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:PORT",
        "localhost",
        "localhost:1",
        "127.0.0.1",
        "localhost.evil.example:PORT",
        "127.0.0.2:PORT",
        "0.0.0.0:PORT"
      })
  void otherNamesAreNot(String host) throws IOException {
    for (String path : new String[] {"/health/live", "/v1/kv/a/b", "/nothing"}) {
      assertThat(
              server.sendRaw(
                  "GET " + path + " HTTP/1.1",
                  "Host: " + host.replace("PORT", Integer.toString(server.port()))))
          .startsWith("HTTP/1.1 421")
          .contains("\"code\":\"MISDIRECTED\"");
    }
  }

  @Test
  void aRequestNamesAServer() throws IOException {
    assertThat(server.sendRaw("GET /health/live HTTP/1.0")).startsWith("HTTP/1.1 421");
    assertThat(server.sendRaw("GET /health/live HTTP/1.1")).startsWith("HTTP/1.1 400");
  }

  @Test
  void pagesOfOthersAreRefused() {
    for (String origin :
        new String[] {
          "http://evil.example", "null", "https://localhost:" + server.port(), "http://localhost:1"
        }) {
      assertProblem(
          server.send(server.request("/v1/kv/a/b").header("Origin", origin)), 403, "CROSS_ORIGIN");
      assertProblem(server.put("/v1/kv/a/b", "1", "Origin", origin), 403, "CROSS_ORIGIN");
    }
    assertProblem(
        server.send(server.request("/health/live").header("Sec-Fetch-Site", "cross-site")),
        403,
        "CROSS_ORIGIN");
    assertThat(server.howdah().kv("a", Integer.class).exists("b")).isFalse();
  }

  @Test
  void ownPagesAreServed() {
    assertThat(
            server.send(server.request("/health/live").header("Origin", server.url())).statusCode())
        .isEqualTo(200);
    assertThat(
            server
                .send(server.request("/health/live").header("Sec-Fetch-Site", "same-origin"))
                .statusCode())
        .isEqualTo(200);
    assertThat(
            server
                .send(server.request("/health/live").header("Sec-Fetch-Site", "none"))
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void noAnswerAllowsOtherOrigins() {
    assertThat(server.get("/health/live").headers().map().keySet())
        .noneMatch(name -> name.startsWith("access-control-"));
  }
}
