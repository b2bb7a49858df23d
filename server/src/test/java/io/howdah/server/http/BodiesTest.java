package io.howdah.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.server.ServerFixture;
import io.howdah.server.ServerSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies that are many, that end too early, or not at all. */
final class BodiesTest {
  private static final int LARGEST = 16 << 20;

  private static ServerFixture fixture;

  @BeforeAll
  static void start() {
    fixture = ServerFixture.start(BodiesTest.class);
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  private static HttpServer server(long bodyBytes, Duration idle) {
    HttpServer server =
        HttpServer.start(
            new ServerSettings.Http("127.0.0.1", 0),
            new HttpLimits(bodyBytes, idle, Duration.ofSeconds(10), 1, Duration.ofSeconds(10)));
    server.ready(fixture.howdah(), new ServerInfo("howdah", 1, "18", null));
    return server;
  }

  private static HttpServer server(long bodyBytes) {
    return server(bodyBytes, Duration.ofSeconds(30));
  }

  private static HttpResponse<String> put(HttpServer server, int bytes) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.url() + "/v1/kv/bodies/other"))
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(new byte[bytes]))
                .build(),
            BodyHandlers.ofString());
  }

  private static void awaitRoom(HttpServer server, int bytes) throws Exception {
    for (int i = 0; put(server, bytes).statusCode() != 204; i++) {
      assertThat(i).isLessThan(1_000);
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Test
  void whoComesWhenBodiesFillTheirPartOfTheHeapIsToldToComeAgain() throws Exception {
    try (HttpServer server = server(1_000);
        RawClient slow = new RawClient(server.url())) {
      slow.put("/v1/kv/bodies/slow", "Content-Length: 900").send(new byte[899]);
      HttpResponse<String> refused = put(server, 101);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).contains("1");
      assertThat(refused.body()).contains("\"code\":\"UNAVAILABLE\"");
      HttpResponse<String> fits = put(server, 100);
      assertThat(fits.statusCode()).as(fits.body()).isEqualTo(204);
      assertThat(slow.send(new byte[1]).answer()).startsWith("HTTP/1.1 204");
      awaitRoom(server, 1_000);
    }
    assertThat(fixture.howdah().kv("bodies", Codec.bytes()).get("slow").orElseThrow()).hasSize(900);
  }

  @Test
  void aBodyThatDoesNotSayItsLengthCountsAsTheLongest() throws Exception {
    try (HttpServer server = server(LARGEST + 10);
        RawClient slow = new RawClient(server.url())) {
      slow.put("/v1/kv/bodies/slow", "Transfer-Encoding: chunked").send("1\r\nx\r\n");
      assertThat(put(server, 11).statusCode()).isEqualTo(503);
      assertThat(put(server, 10).statusCode()).isEqualTo(204);
      assertThat(slow.send("0\r\n\r\n").answer()).startsWith("HTTP/1.1 204");
      awaitRoom(server, 11);
    }
  }

  @Test
  void aBodyThatIsTooLargeIsNotAskedFor() throws Exception {
    try (HttpServer server = server(1_000);
        RawClient client = new RawClient(server.url())) {
      assertThat(client.head("/v1/kv/bodies/large", "Content-Length: 20000000").answer())
          .startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void aBodyThatEndsTooEarlyIsTheClientsFault() throws Exception {
    try (ErrorLog log = new ErrorLog();
        HttpServer server =
            server(2 * LARGEST)) { // the first body may be held until after its answer
      try (RawClient client = new RawClient(server.url())) {
        String answer =
            client
                .put("/v1/kv/bodies/early", "Content-Length: 900")
                .send(new byte[10])
                .endOfOutput()
                .answer();
        assertThat(answer).startsWith("HTTP/1.1 400").contains("\"code\":\"BAD_REQUEST\"");
      }
      try (RawClient client = new RawClient(server.url())) {
        String answer =
            client
                .put("/v1/kv/bodies/early", "Transfer-Encoding: chunked")
                .send("no chunk\r\n")
                .answer();
        assertThat(answer).startsWith("HTTP/1.1 400").contains("\"code\":\"BAD_REQUEST\"");
      }
      assertThat(log.lines()).isEmpty();
    }
    assertThat(fixture.howdah().kv("bodies", Codec.bytes()).exists("early")).isFalse();
  }

  @Test
  void aClientThatGoesAwayIsNoError() throws Exception {
    try (ErrorLog log = new ErrorLog()) {
      try (HttpServer server = server(1_000)) {
        new RawClient(server.url())
            .put("/v1/kv/bodies/gone", "Content-Length: 900")
            .send(new byte[10])
            .close();
        awaitRoom(server, 1_000);
      }
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void aClientThatGoesAwayWhileItIsAnsweredIsNoError() throws Exception {
    String large = "\"" + "x".repeat(8 << 20) + "\"";
    fixture.howdah().kv("answers", Codec.rawJson()).set("k", large);
    try (ErrorLog log = new ErrorLog()) {
      try (HttpServer server = server(1_000)) {
        for (String path : new String[] {"/v1/kv/answers", "/v1/kv/answers/k"}) {
          try (RawClient client = new RawClient(server.url())) {
            assertThat(client.get(path).read(100)).hasSize(100);
          }
        }
      } // lets both come to their end
      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void aBodyThatStallsTimesOut() throws Exception {
    try (ErrorLog log = new ErrorLog();
        HttpServer server = server(1_000, Duration.ofSeconds(1));
        RawClient client = new RawClient(server.url())) {
      String answer =
          client.put("/v1/kv/bodies/stalls", "Content-Length: 900").send(new byte[10]).answer();
      assertThat(answer).startsWith("HTTP/1.1 408").contains("\"code\":\"REQUEST_TIMEOUT\"");
      assertThat(log.lines()).isEmpty();
    }
  }
}
