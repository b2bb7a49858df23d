package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.etag;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.server.ServerFixture;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class KeyValueTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(KeyValueTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void jsonComesBackAsJsonWithItsVersion() {
    HttpResponse<String> put =
        server.put("/v1/kv/carts/c1", "{\"items\": [1, 2], \"name\": \"ключ\"}");
    assertThat(put.statusCode()).isEqualTo(204);
    assertThat(put.headers().firstValue("Content-Type")).isEmpty();

    HttpResponse<String> get = server.get("/v1/kv/carts/c1");
    assertThat(get.statusCode()).isEqualTo(200);
    assertThat(get.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(get.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(etag(get)).isEqualTo(etag(put)).matches("\"\\d+\"");
    assertThat(json(get)).isEqualTo(json(put("{\"name\": \"ключ\", \"items\": [1, 2]}")));
    assertThat(server.howdah().kv("carts", Map.class).get("c1")).isPresent();
  }

  private static HttpResponse<String> put(String json) {
    HttpResponse<String> unused = server.put("/v1/kv/carts/copy", json);
    return server.get("/v1/kv/carts/copy");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "1",
        "-1.5e10",
        "\"text\"",
        "[]",
        "{}",
        "  {\"a\": 1}  ",
        "12345678901234567890123"
      })
  void everyJsonValueMayBeStored(String value) {
    assertThat(server.put("/v1/kv/values/v", value).statusCode()).isEqualTo(204);
    assertThat(server.get("/v1/kv/values/v").statusCode()).isEqualTo(200);
  }

  @Test
  void bytesComeBackAsTheyWere() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    HttpResponse<String> put =
        server.send(
            server
                .request("/v1/kv/files/f")
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(bytes)));
    assertThat(put.statusCode()).isEqualTo(204);

    HttpResponse<byte[]> get =
        server.send(server.request("/v1/kv/files/f"), BodyHandlers.ofByteArray());
    assertThat(get.headers().firstValue("Content-Type")).contains("application/octet-stream");
    assertThat(etag(get)).isEqualTo(etag(put));
    assertThat(get.body()).isEqualTo(bytes);
    assertThat(server.howdah().kv("files", Codec.bytes()).get("f")).contains(bytes);
  }

  @Test
  void noBytesAreAValueToo() {
    HttpResponse<String> put =
        server.send(
            server
                .request("/v1/kv/files/empty")
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.noBody()));
    assertThat(put.statusCode()).isEqualTo(204);
    assertThat(server.get("/v1/kv/files/empty").body()).isEmpty();
  }

  @Test
  void theKindMayChange() {
    var unused = server.put("/v1/kv/kinds/k", "1");
    assertThat(
            server
                .send(
                    server
                        .request("/v1/kv/kinds/k")
                        .header("Content-Type", "application/octet-stream")
                        .PUT(BodyPublishers.ofString("x")))
                .statusCode())
        .isEqualTo(204);
    assertThat(server.get("/v1/kv/kinds/k").headers().firstValue("Content-Type"))
        .contains("application/octet-stream");
  }

  @Test
  void headSaysWhatGetWouldWithoutTheValue() {
    var unused = server.put("/v1/kv/carts/head", "{\"a\":1}");
    HttpResponse<String> head =
        server.send(server.request("/v1/kv/carts/head").method("HEAD", BodyPublishers.noBody()));
    HttpResponse<String> get = server.get("/v1/kv/carts/head");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(etag(head)).isEqualTo(etag(get));
    assertThat(head.headers().firstValue("Content-Length"))
        .contains(Integer.toString(get.body().length()));
    assertThat(
            server
                .send(server.request("/v1/kv/carts/none").method("HEAD", BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void anAbsentValueIsAProblemDocument() {
    JsonNode problem = assertProblem(server.get("/v1/kv/carts/absent"), 404, "NOT_FOUND");
    assertThat(problem.path("detail").stringValue()).contains("absent").contains("carts");
  }

  @Test
  void deletingTellsWhetherThereWasAValue() {
    var unused = server.put("/v1/kv/carts/d", "1");
    assertThat(server.delete("/v1/kv/carts/d").statusCode()).isEqualTo(204);
    assertProblem(server.delete("/v1/kv/carts/d"), 404, "NOT_FOUND");
    assertThat(server.howdah().kv("carts", Integer.class).exists("d")).isFalse();
  }

  @Test
  void bytesAreDeletedLikeJson() {
    server.howdah().kv("files", Codec.bytes()).set("d", new byte[] {1});
    assertThat(server.delete("/v1/kv/files/d").statusCode()).isEqualTo(204);
  }

  @Test
  void theDefaultNamespaceIsThatOfJava() {
    var unused = server.put("/v1/kv/default/k", "\"v\"");
    assertThat(server.howdah().kv(String.class).get("k")).contains("v");
  }

  @ParameterizedTest
  @CsvSource({
    "500ms,500",
    "30s,30000",
    "5m,300000",
    "2h,7200000",
    "7d,604800000",
    "PT30S,30000",
    "P1D,86400000"
  })
  void aTimeToLiveEndsTheValue(String text, long millis) {
    Instant before = Instant.now();
    assertThat(server.put("/v1/kv/ttl/" + text + "?ttl=" + text, "1").statusCode()).isEqualTo(204);
    Instant end =
        server
            .howdah()
            .kv("ttl", Codec.rawJson())
            .getEntry(text)
            .flatMap(entry -> entry.expiresAt())
            .orElse(before.plusMillis(millis));
    assertThat(end)
        .isBetween(
            before.plusMillis(millis).minusSeconds(10), before.plusMillis(millis).plusSeconds(10));
  }

  @Test
  void theEndIsAHeader() {
    var unused = server.put("/v1/kv/ttl/shown?ttl=1h", "1");
    Instant end =
        Instant.parse(
            server.get("/v1/kv/ttl/shown").headers().firstValue("Howdah-Expires-At").orElseThrow());
    assertThat(Duration.between(Instant.now(), end))
        .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
    assertThat(server.put("/v1/kv/ttl/shown", "1").statusCode()).isEqualTo(204);
    assertThat(server.get("/v1/kv/ttl/shown").headers().firstValue("Howdah-Expires-At")).isEmpty();
  }

  @Test
  void aValueThatHasEndedIsAbsent() {
    var unused = server.put("/v1/kv/ttl/brief?ttl=PT0.000002S", "1");
    assertProblem(server.get("/v1/kv/ttl/brief"), 404, "NOT_FOUND");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a/b",
        "..",
        ".",
        "a/../b",
        "../../etc/passwd",
        "a//b",
        "/",
        "//",
        "a/",
        "/a",
        "a b",
        "ключ",
        "100%",
        "%2F",
        "a+b",
        "a;b=c",
        "a\\b",
        "a\nb\tc\u0001",
        "a?b#c",
        "a:b",
        "x:batchGet",
        "\"quoted\"",
        "<>{}|^`[]",
        "😀",
        "a&b=c",
        "\uFFFD",
        "'; DROP TABLE kv; --",
        " "
      })
  void anyTextMayBeAKey(String key) {
    String path =
        "/v1/kv/keys/"
            + URLEncoder.encode(key, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace(".", "%2E");
    HttpResponse<String> put = server.put(path, "\"v\"");
    assertThat(put.statusCode()).as(put.body()).isEqualTo(204);
    assertThat(server.howdah().kv("keys", String.class).get(key)).contains("v");
    assertThat(server.get(path).body()).isEqualTo("\"v\"");
    assertThat(server.delete(path).statusCode()).isEqualTo(204);
    assertThat(server.howdah().kv("keys", String.class).exists(key)).isFalse();
  }

  @Test
  void slashesNeedNoEncoding() {
    var unused = server.put("/v1/kv/keys/a/b/c", "1");
    assertThat(server.howdah().kv("keys", Integer.class).get("a/b/c")).contains(1);
    assertThat(server.get("/v1/kv/keys/a%2Fb/c").statusCode()).isEqualTo(200);
  }

  @Test
  void aNamespaceMayHaveSlashesAndColonsToo() {
    assertThat(server.put("/v1/kv/n%2Fm:x%3AbatchGet/k", "1").statusCode()).isEqualTo(204);
    assertThat(server.howdah().kv("n/m:x:batchGet", Integer.class).get("k")).contains(1);
    assertThat(json(server.get("/v1/kv/n%2Fm:x%3AbatchGet")).path("entries").size()).isEqualTo(1);
  }

  @Test
  void theLongestKeyFits() {
    String key = "ы".repeat(512);
    String path = "/v1/kv/keys/" + URLEncoder.encode(key, StandardCharsets.UTF_8);
    assertThat(server.put(path, "1").statusCode()).isEqualTo(204);
    assertThat(server.howdah().kv("keys", Integer.class).get(key)).contains(1);
  }

  @Test
  void theLargestValueFits() {
    byte[] bytes = new byte[16 << 20];
    bytes[bytes.length - 1] = 1;
    HttpResponse<String> put =
        server.send(
            server
                .request("/v1/kv/files/large")
                .header("Content-Type", "application/octet-stream")
                .PUT(BodyPublishers.ofByteArray(bytes)));
    assertThat(put.statusCode()).as(put.body()).isEqualTo(204);
    assertThat(server.send(server.request("/v1/kv/files/large"), BodyHandlers.ofByteArray()).body())
        .isEqualTo(bytes);
  }
}
