package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each is a problem document, and nothing is stored. */
final class BadRequestsTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(BadRequestsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void nothingIsStored() {
    assertThat(server.howdah().namespaces().list()).isEmpty();
  }

  static Stream<String> badJson() {
    return Stream.of(
        "",
        " ",
        "{",
        "{\"a\":}",
        "nul",
        "1 2",
        "{} {}",
        "'a'",
        "{a: 1}",
        "[1,]",
        "NaN",
        "\"\\u0000\"",
        "{\"\\u0000\": 1}",
        "\"\\uD800\"",
        "\u0000",
        "\"a\nb\"",
        "[".repeat(100_000),
        "1e999999999");
  }

  @ParameterizedTest
  @MethodSource("badJson")
  void badJson(String body) {
    HttpResponse<String> response = server.put("/v1/kv/bad/k", body);
    assertProblem(response, 400, "INVALID_ARGUMENT");
  }

  @Test
  void jsonThatIsNotUtf8() {
    byte[] latin1 = "\"é\"".getBytes(StandardCharsets.ISO_8859_1);
    assertBadArgument(
        server.send(
            server
                .request("/v1/kv/bad/k")
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofByteArray(latin1))),
        "body");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0s",
        "-5s",
        "PT-5S",
        "PT0S",
        "-PT5S",
        "abc",
        "5",
        "5 s",
        "",
        "5y",
        "1.5s",
        "99999999999999d",
        "999999999999999999d",
        "36501d",
        "PT",
        "P1Y"
      })
  void badTimeToLive(String ttl) {
    assertBadArgument(server.put("/v1/kv/bad/k?ttl=" + ttl.replace(" ", "%20"), "1"), "ttl");
  }

  @Test
  void parameters() {
    assertBadArgument(server.put("/v1/kv/bad/k?tll=5s", "1"), "tll");
    assertBadArgument(server.put("/v1/kv/bad/k?ttl=5s&ttl=6s", "1"), "ttl");
    assertBadArgument(server.put("/v1/kv/bad/k?ttl=%FF", "1"), "ttl");
    assertBadArgument(server.get("/v1/kv/bad/k?ttl=5s"), "ttl");
    assertBadArgument(server.delete("/v1/kv/bad/k?x"), "x");
  }

  @Test
  void keys() {
    assertBadArgument(server.put("/v1/kv/bad/", "1"), "key");
    assertBadArgument(server.delete("/v1/kv/bad/"), "key");
    assertBadArgument(server.put("/v1/kv/bad/" + "k".repeat(1_025), "1"), "key");
    assertBadArgument(server.put("/v1/kv/bad/%FF", "1"), "key");
    assertBadArgument(server.put("/v1/kv/bad/%ED%A0%80", "1"), "key");
    assertBadArgument(server.put("/v1/kv/bad/" + "%D0%BA".repeat(513), "1"), "key");
    assertBadArgument(server.get("/v1/kv/bad/" + "k".repeat(1_025)), "key");
    assertBadArgument(server.delete("/v1/kv/bad/" + "k".repeat(1_025)), "key");
    assertBadArgument(
        server.put("/v1/kv/bad/" + "k".repeat(1_025), "1", "If-Match", "\"1\""), "key");
    // Refused before it is a request of ours, so that no argument is named.
    assertProblem(server.put("/v1/kv/bad/%00", "1"), 400, "BAD_REQUEST");
    assertProblem(server.get("/v1/kv/bad/a%00b"), 400, "BAD_REQUEST");
    assertBadArgument(server.get("/v1/kv/bad?after=%00"), "after");
    assertBadArgument(server.post("/v1/kv/bad:batchGet", "{\"keys\":[\"a\\u0000\"]}"), "key");
    assertBadArgument(
        server.post("/v1/kv/bad:batchGet", "{\"keys\":[\"" + "k".repeat(1_025) + "\"]}"), "key");
  }

  @Test
  void namespaces() {
    assertBadArgument(server.put("/v1/kv//k", "1"), "namespace");
    assertBadArgument(server.put("/v1/kv/" + "n".repeat(65) + "/k", "1"), "namespace");
    assertBadArgument(server.put("/v1/kv/%FF/k", "1"), "namespace");
    assertBadArgument(server.get("/v1/kv/" + "n".repeat(65)), "namespace");
    assertBadArgument(server.get("/v1/kv/" + "n".repeat(65) + "/k"), "namespace");
    assertBadArgument(server.delete("/v1/kv//k"), "namespace");
    assertProblem(server.get("/v1/kv/"), 404, "NOT_FOUND");
    assertBadArgument(server.post("/v1/kv/:batchGet", "{\"keys\":[\"k\"]}"), "namespace");
    assertProblem(server.put("/v1/kv/%00/k", "1"), 400, "BAD_REQUEST");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "json",
        "*/*",
        "text/json"
      })
  void contentTypes(String type) {
    HttpResponse<String> response =
        server.send(
            server
                .request("/v1/kv/bad/k")
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofString("1")));
    assertThat(
            assertProblem(response, 415, "UNSUPPORTED_MEDIA_TYPE").path("argument").stringValue())
        .isEqualTo("Content-Type");
  }

  @Test
  void noContentType() {
    assertProblem(
        server.send(server.request("/v1/kv/bad/k").PUT(BodyPublishers.ofString("1"))),
        415,
        "UNSUPPORTED_MEDIA_TYPE");
  }

  @Test
  void bodiesThatAreTooLarge() {
    byte[] large = new byte[(16 << 20) + 1];
    assertProblem(
        server.send(
            server
                .request("/v1/kv/bad/k")
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(large))),
        413,
        "CONTENT_TOO_LARGE");
  }

  @Test
  void jsonThatIsTooLarge() {
    String large = "\"" + "x".repeat((16 << 20) - 1) + "\""; // a byte too many
    assertProblem(server.put("/v1/kv/bad/k", large), 413, "CONTENT_TOO_LARGE");
  }

  @Test
  void bodiesThatAreTooLargeAndDoNotSayHowLarge() {
    byte[] large = new byte[(16 << 20) + 1];
    ThreadLocalRandom.current().nextBytes(large);
    assertProblem(
        server.send(
            server
                .request("/v1/kv/bad/k")
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))),
        413,
        "CONTENT_TOO_LARGE");
  }

  @Test
  void resourcesThatAreNot() {
    assertProblem(server.get("/"), 404, "NOT_FOUND");
    assertProblem(server.get("/v1"), 404, "NOT_FOUND");
    assertProblem(server.get("/v1/kv"), 404, "NOT_FOUND");
    assertProblem(server.get("/V1/KV/a/b"), 404, "NOT_FOUND");
    assertProblem(server.post("/nothing", "{}"), 404, "NOT_FOUND");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PATCH|/v1/kv/bad/k|GET, POST, PUT, DELETE, HEAD",
        "POST|/v1/kv/bad/k|GET, HEAD, PUT, DELETE",
        "POST|/v1/kv/bad|GET, HEAD",
        "PUT|/v1/kv/bad|GET, HEAD",
        "DELETE|/v1/kv/bad|GET, HEAD",
        "GET|/v1/kv/bad:batchGet|POST",
        "PUT|/v1/kv/bad:batchGet|POST",
        "POST|/health/live|GET, HEAD",
        "DELETE|/v1/namespaces|GET, HEAD",
        "POST|/v1/namespaces/bad|PUT, DELETE",
        "OPTIONS|/v1/kv/bad/k|GET, POST, PUT, DELETE, HEAD"
      })
  void methodsThatAreNot(String method, String path, String allowed) {
    HttpResponse<String> response =
        server.send(
            server
                .request(path)
                .method(method, BodyPublishers.ofString("{}"))
                .header("Content-Type", "application/json"));
    assertProblem(response, 405, "METHOD_NOT_ALLOWED");
    assertThat(response.headers().firstValue("Allow")).contains(allowed);
  }

  @Test
  void whatHttpItselfRefuses() throws Exception {
    String host = "Host: 127.0.0.1:" + server.port();
    for (String[] request :
        new String[][] {
          {"GARBAGE"},
          {"GET /v1/kv/bad/100% HTTP/1.1", host},
          {"GET /../../etc/passwd HTTP/1.1", host},
          {"GET /v1/kv/bad/k HTTP/9.9", host},
          {"GET /v1/kv/bad/k HTTP/1.1", host, "X: " + "x".repeat(20_000)},
          {"GET /v1/kv/bad?prefix=" + "x".repeat(20_000) + " HTTP/1.1", host},
          {
            "PUT /v1/kv/bad/k HTTP/1.1", host, "Content-Type: application/json", "Content-Length: x"
          },
          {"GET /v1/kv/bad/k HTTP/1.1", host, "Sec-WebSocket-Version: 13"},
        }) {
      assertThat(server.sendRaw(request))
          .as(request[0])
          .matches("(?s)HTTP/1.1 (4\\d\\d|505) .*")
          .contains("application/problem+json")
          .contains("\"code\":");
    }
  }

  @Test
  void bytesInThePathThatAreNotUtf8() throws Exception {
    byte[] head = "PUT /v1/kv/bad/caf".getBytes(StandardCharsets.US_ASCII);
    byte[] tail =
        (" HTTP/1.1\r\nHost: 127.0.0.1:"
                + server.port()
                + "\r\nContent-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] request = new byte[head.length + 1 + tail.length];
    System.arraycopy(head, 0, request, 0, head.length);
    request[head.length] = (byte) 0xE9;
    System.arraycopy(tail, 0, request, head.length + 1, tail.length);
    assertThat(server.sendRaw(request)).startsWith("HTTP/1.1 400");
  }
}
