package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.server.ServerFixture;
import io.howdah.server.ServerSettings;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
final class ChannelsTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(ChannelsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void publish(String channel, String payload) {
    HttpResponse<String> published =
        server.post(
            "/v1/channels:publish",
            Json.MAPPER
                .createObjectNode()
                .put("channel", channel)
                .put("payload", payload)
                .toString());
    assertThat(published.statusCode()).as(published.body()).isEqualTo(204);
  }

  private static void retain(String channel) {
    HttpResponse<String> retained =
        server.post("/v1/channels:retain", "{\"channel\":\"" + channel + "\",\"keep\":\"1h\"}");
    assertThat(retained.body()).isEqualTo("{\"changed\":true}");
  }

  /** A stream, as a client sees it. */
  private static final class Events implements AutoCloseable {
    private final HttpResponse<InputStream> response;

    Events(HttpRequest.Builder request) {
      response = server.send(request, BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
    }

    Events(String query) {
      this(server.request("/v1/channels:stream?" + query));
    }

    /** The next event, without heartbeats; its members by name. */
    Map<String, String> next() throws IOException {
      Map<String, String> event = new java.util.HashMap<>();
      while (true) {
        String line = line();
        if (line == null || (line.isEmpty() && !event.isEmpty())) {
          return event;
        }
        int colon = line.indexOf(": ");
        if (colon > 0) {
          event.put(line.substring(0, colon), line.substring(colon + 2));
        }
      }
    }

    private String line() throws IOException {
      java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
      int c;
      while ((c = response.body().read()) >= 0 && c != '\n') {
        line.write(c);
      }
      return c < 0 ? null : line.toString(StandardCharsets.UTF_8);
    }

    String nextPayload() throws IOException {
      JsonNode data = Json.MAPPER.readTree(next().get("data"));
      return data.path("payload").stringValue();
    }

    @Override
    public void close() throws IOException {
      response.body().close();
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void streamHasWhatIsPublished() throws IOException {
    String odd = "two\nlines\r\n\"é\" 👍";
    try (Events events = new Events("channel=orders");
        Events pattern = new Events("pattern=" + encoded("ord*"))) {
      publish("other", "x");
      publish("orders", odd);
      publish("orders", "x".repeat(100_000));
      server.howdah().channels().publish("orders", "end");
      Map<String, String> first = events.next();
      assertThat(first).doesNotContainKeys("id", "event");
      JsonNode data = Json.MAPPER.readTree(first.get("data"));
      assertThat(data.path("channel").stringValue()).isEqualTo("orders");
      assertThat(data.path("payload").stringValue()).isEqualTo(odd);
      assertThat(events.nextPayload()).hasSize(100_000);
      assertThat(events.nextPayload()).isEqualTo("end");
      assertThat(pattern.nextPayload()).isEqualTo(odd);
    }
  }

  @Test
  void retainedStreamGoesOnWhereTheClientWas() throws IOException {
    retain("kept");
    server
        .howdah()
        .transaction(tx -> {
          for (int i = 0; i < 300; i++) {
            tx.channels().publish("kept", "m" + i);
          }
        });
    String cursor;
    try (Events events = new Events("channel=kept&cursor=")) {
      for (int i = 0; i < 249; i++) {
        assertThat(events.nextPayload()).isEqualTo("m" + i);
      }
      cursor = events.next().get("id");
    }
    try (Events events =
            new Events(
                server
                    .request("/v1/channels:stream?channel=kept")
                    .header("Last-Event-ID", cursor));
        Events late = new Events("channel=kept&cursor=now")) {
      for (int i = 250; i < 300; i++) {
        assertThat(events.nextPayload()).isEqualTo("m" + i);
      }
      publish("kept", "live");
      assertThat(events.nextPayload()).isEqualTo("live");
      assertThat(late.nextPayload()).isEqualTo("live");
    }
  }

  @Test
  void retainedChannelIsReadByPages() {
    retain("pages");
    for (int i = 0; i < 5; i++) {
      publish("pages", "m" + i);
    }
    JsonNode first = json(server.get("/v1/channels:read?channel=pages&limit=3"));
    assertThat(first.path("messages")).hasSize(3);
    assertThat(first.path("messages").get(0).path("publishedAt").stringValue()).endsWith("Z");
    String cursor = first.path("cursor").stringValue();
    JsonNode rest = json(server.get("/v1/channels:read?channel=pages&cursor=" + cursor));
    assertThat(rest.path("messages")).hasSize(2);
    assertThat(rest.path("messages").get(0).path("payload").stringValue()).isEqualTo("m3");
    String end = rest.path("cursor").stringValue();
    assertThat(server.get("/v1/channels:read?channel=pages&cursor=" + end).body())
        .isEqualTo("{\"messages\":[],\"cursor\":\"" + end + "\"}");
    assertThat(server.get("/v1/channels:read?channel=pages&cursor=now").body())
        .startsWith("{\"messages\":[],\"cursor\":\"");
    assertThat(server.get("/v1/channels").body())
        .contains("{\"channel\":\"pages\",\"keep\":\"PT1H\"}");
    HttpResponse<String> ended =
        server.post("/v1/channels:retain", "{\"channel\":\"pages\",\"keep\":null}");
    assertThat(ended.body()).isEqualTo("{\"changed\":true}");
    assertProblem(server.get("/v1/channels:read?channel=pages"), 409, "NOT_RETAINED");
    assertProblem(server.get("/v1/channels:stream?channel=pages&cursor="), 409, "NOT_RETAINED");
  }

  @Test
  void lostCursorIsGone() {
    retain("gone");
    retain("gone2");
    publish("gone", "a");
    String cursor = json(server.get("/v1/channels:read?channel=gone")).path("cursor").stringValue();
    for (String action : List.of("read", "stream")) {
      assertProblem(
          server.get("/v1/channels:" + action + "?channel=gone2&cursor=" + cursor),
          410,
          "MESSAGES_LOST");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/channels:stream | channel",
        "/v1/channels:stream?channel=a&pattern=b | channel",
        "/v1/channels:stream?channel= | channel",
        "/v1/channels:stream?pattern=a&cursor=now | cursor",
        "/v1/channels:stream?channel=a&x=1 | x",
        "/v1/channels:read | channel",
        "/v1/channels:read?channel=a&limit=1001 | limit",
        "/v1/channels:read?channel=a&limit=0 | limit",
        "/v1/channels?x=1 | x",
      })
  void badRequestsAreRefused(String path, String argument) {
    assertBadArgument(server.get(path), argument);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "publish | {\"channel\":\"\",\"payload\":\"x\"} | channel",
        "publish | {\"channel\":\"a\"} | payload",
        "publish | {\"channel\":\"a\",\"payload\":1} | payload",
        "publish | {\"channel\":\"a\",\"payload\":\"x\",\"more\":1} | more",
        "publish | [] | body",
        "retain | {\"channel\":\"a\"} | keep",
        "retain | {\"channel\":\"a\",\"keep\":\"0s\"} | keep",
        "retain | {\"channel\":\"a\",\"keep\":1} | keep",
      })
  void badBodiesAreRefused(String action, String body, String argument) {
    assertBadArgument(server.post("/v1/channels:" + action, body), argument);
  }

  @Test
  void oversizePayloadIsRefused() {
    assertBadArgument(
        server.post(
            "/v1/channels:publish",
            "{\"channel\":\"a\",\"payload\":\"" + "x".repeat((1 << 20) + 1) + "\"}"),
        "payload");
    assertProblem(
        server.post(
            "/v1/channels:publish",
            "{\"channel\":\"a\",\"payload\":\"" + "x".repeat(7 << 20) + "\"}"),
        413,
        "CONTENT_TOO_LARGE");
  }

  /** With few streams, quick heartbeats, and nothing left of those that went. */
  @Test
  void streamsAreBoundedAndEndWithTheirClients() throws Exception {
    String schema = TestPostgres.freshSchema(ChannelsTest.class);
    HttpLimits limits =
        new HttpLimits(
            1 << 24, Duration.ofSeconds(30), Duration.ofSeconds(5), 2, Duration.ofMillis(50));
    try (Howdah howdah = Howdah.builder(TestPostgres.url()).schema(schema).open();
        HttpServer small = HttpServer.start(new ServerSettings.Http("localhost", 0), limits)) {
      small.ready(howdah, new ServerInfo(schema, 1, "18", null));
      boolean unused = howdah.channels().retain("kept", Duration.ofHours(1));
      String url = small.url() + "/v1/channels:stream?channel=";
      for (int round = 0; round < 3; round++) {
        HttpResponse<InputStream> live = open(url + "x");
        HttpResponse<InputStream> kept = open(url + "kept&cursor=now");
        assertThat(small.openStreams()).isEqualTo(2);
        HttpResponse<InputStream> refused = open(url + "x");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        assertThat(live.body().read()).as("a heartbeat").isEqualTo(':');
        live.body().close();
        kept.body().close();
        Eventually.holds("they end", () -> small.openStreams() == 0);
      }
      HttpResponse<InputStream> last = open(url + "x");
      small.close();
      assertThat(new String(last.body().readAllBytes(), StandardCharsets.UTF_8))
          .doesNotContain("data");
      assertThat(small.openStreams()).isZero();
    }
  }

  /** A client that takes nothing costs a bounded buffer, and hears what it missed. */
  @Test
  void slowClientIsToldWhatWasDropped() throws IOException {
    try (Events events = new Events("channel=flood")) {
      String large = "x".repeat(500_000);
      for (int i = 0; i < 60; i++) {
        server.howdah().channels().publish("flood", large);
      }
      publish("flood", "end");
      int messages = 0;
      long dropped = 0;
      while (true) {
        Map<String, String> event = events.next();
        JsonNode data = Json.MAPPER.readTree(event.get("data"));
        if ("dropped".equals(event.get("event"))) {
          dropped += data.path("count").longValue();
        } else if (data.path("payload").stringValue().equals("end")) {
          break;
        } else {
          messages++;
        }
      }
      assertThat(messages + dropped).isEqualTo(60);
      assertThat(dropped).isPositive();
    }
  }

  private static HttpResponse<InputStream> open(String url) throws Exception {
    return java.net.http.HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(java.net.URI.create(url)).build(), BodyHandlers.ofInputStream());
  }
}
