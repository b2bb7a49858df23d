package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.Durability;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.server.ServerFixture;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

final class PagesTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(PagesTest.class);
    KeyValueStore<Integer> store = server.howdah().kv("n", Integer.class);
    for (int i = 0; i < 25; i++) {
      store.set(String.format("a%02d", i), i);
    }
    store.set("b", 1, Duration.ofHours(1));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<String> keys(JsonNode page) {
    List<String> keys = new ArrayList<>();
    page.path("entries").forEach(entry -> keys.add(entry.path("key").stringValue()));
    return keys;
  }

  @Test
  void entriesCarryValueVersionAndEnd() {
    HttpResponse<String> response = server.get("/v1/kv/n?prefix=b");
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    JsonNode page = json(response);
    assertThat(page.path("next").isNull()).isTrue();
    JsonNode entry = page.path("entries").get(0);
    assertThat(entry.path("key").stringValue()).isEqualTo("b");
    assertThat(entry.path("value").intValue()).isEqualTo(1);
    assertThat(entry.path("version").stringValue())
        .isEqualTo(
            Long.toString(
                server.howdah().kv("n", Integer.class).getEntry("b").orElseThrow().version()));
    assertThat(Instant.parse(entry.path("expiresAt").stringValue())).isAfter(Instant.now());
    assertThat(
            json(server.get("/v1/kv/n?prefix=a00"))
                .path("entries")
                .get(0)
                .path("expiresAt")
                .isNull())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 7, 26, 100})
  void pagesLeadThroughEverything(int limit) {
    List<String> all = new ArrayList<>();
    String next = "";
    int pages = 0;
    while (next != null) {
      JsonNode page =
          json(
              server.get(
                  "/v1/kv/n?limit="
                      + limit
                      + "&after="
                      + URLEncoder.encode(next, StandardCharsets.UTF_8)));
      all.addAll(keys(page));
      next = page.path("next").isNull() ? null : page.path("next").stringValue();
      pages++;
    }
    assertThat(all).hasSize(26).isSorted().doesNotHaveDuplicates();
    assertThat(pages).isLessThanOrEqualTo(26 / limit + 1);
  }

  @Test
  void aPrefixIsAnyText() {
    KeyValueStore<Integer> store = server.howdah().kv("prefixes", Integer.class);
    for (String key : List.of("a/1", "a/2", "a%1", "a_1", "ключ")) {
      store.set(key, 1);
    }
    assertThat(keys(json(server.get("/v1/kv/prefixes?prefix=a/")))).containsExactly("a/1", "a/2");
    assertThat(keys(json(server.get("/v1/kv/prefixes?prefix=a%25")))).containsExactly("a%1");
    assertThat(keys(json(server.get("/v1/kv/prefixes?prefix=a_")))).containsExactly("a_1");
    assertThat(keys(json(server.get("/v1/kv/prefixes?prefix=%D0%BA")))).containsExactly("ключ");
    assertThat(keys(json(server.get("/v1/kv/prefixes?prefix=z")))).isEmpty();
  }

  @Test
  void anUnknownNamespaceIsEmpty() {
    assertThat(server.get("/v1/kv/unknown").body()).isEqualTo("{\"entries\":[],\"next\":null}");
  }

  @Test
  void bytesAreShownInBase64() {
    server.howdah().kv("bytes", Codec.bytes()).set("k", new byte[] {1, 2, 3});
    assertThat(json(server.get("/v1/kv/bytes")).path("entries").get(0).path("bytes").stringValue())
        .isEqualTo("AQID");
    assertThat(
            json(server.post("/v1/kv/bytes:batchGet", "{\"keys\":[\"k\"]}"))
                .path("entries")
                .get(0)
                .path("bytes")
                .stringValue())
        .isEqualTo("AQID");
  }

  @Test
  void bothKindsInOneAnswerAreAProblem() {
    server.howdah().kv("mixed", Codec.bytes()).set("a", new byte[] {1});
    server.howdah().kv("mixed", Integer.class).set("b", 1);
    assertProblem(server.get("/v1/kv/mixed"), 409, "WRONG_KIND");
    assertThat(server.get("/v1/kv/mixed?prefix=b").statusCode()).isEqualTo(200);
  }

  @Test
  @Tag("full")
  void aPageThatIsCutShortIsNotTheLast() {
    KeyValueStore<String> store = server.howdah().kv("large", String.class);
    // Incompressible, because the bound counts stored bytes.
    StringBuilder letters = new StringBuilder();
    new Random(1).ints(15 << 20, 'a', 'z').forEach(letter -> letters.append((char) letter));
    for (int i = 0; i < 5; i++) {
      store.set("k" + i, letters.toString());
    }
    List<String> all = new ArrayList<>();
    String next = "";
    while (next != null) {
      JsonNode page = json(server.get("/v1/kv/large?after=" + next));
      all.addAll(keys(page));
      next = page.path("next").isNull() ? null : page.path("next").stringValue();
    }
    assertThat(all).hasSize(5);
  }

  @Test
  void searchableNamespacesAreSearched() {
    assertThat(
            server
                .howdah()
                .namespaces()
                .create("docs", NamespaceSettings.of(Durability.DURABLE).asSearchable()))
        .isTrue();
    KeyValueStore<String> store = server.howdah().kv("docs", Codec.rawJson());
    store.set("1", "{\"tags\":[\"red\",\"blue\"],\"n\":1}");
    store.set("2", "{\"tags\":[\"red\"],\"n\":2}");
    store.set("3", "{\"tags\":[\"green\"]}");
    String red = URLEncoder.encode("{\"tags\":[\"red\"]}", StandardCharsets.UTF_8);
    assertThat(keys(json(server.get("/v1/kv/docs?contains=" + red)))).containsExactly("1", "2");
    assertThat(keys(json(server.get("/v1/kv/docs?contains=" + red + "&limit=1"))))
        .containsExactly("1");
    assertThat(keys(json(server.get("/v1/kv/docs?contains=" + red + "&after=1"))))
        .containsExactly("2");
    assertBadArgument(server.get("/v1/kv/docs?contains=%7B"), "contains");
    assertBadArgument(server.get("/v1/kv/docs?contains=%22%5Cu0000%22"), "contains");
    assertBadArgument(server.get("/v1/kv/docs?contains=1&prefix=a"), "prefix");
    assertProblem(server.get("/v1/kv/n?contains=" + red), 409, "NOT_SEARCHABLE");
  }

  @Test
  void badPagesAreRefused() {
    for (String limit : List.of("0", "-1", "1001", "x", "", "99999999999")) {
      assertBadArgument(server.get("/v1/kv/n?limit=" + limit), "limit");
    }
    assertBadArgument(server.get("/v1/kv/n?offset=5"), "offset");
    assertBadArgument(server.get("/v1/kv/n?prefix=%00"), "prefix");
  }

  @Test
  void batchGetAnswersWhatIsThere() {
    JsonNode answer =
        json(server.post("/v1/kv/n:batchGet", "{\"keys\":[\"a03\",\"nope\",\"a01\",\"a03\"]}"));
    assertThat(keys(answer)).containsExactly("a03", "a01");
    assertThat(answer.path("entries").get(0).path("value").intValue()).isEqualTo(3);
    assertThat(answer.path("remaining").isEmpty()).isTrue();
    assertThat(json(server.post("/v1/kv/n:batchGet", "{\"keys\":[]}")).path("entries").isEmpty())
        .isTrue();
  }

  @Test
  void batchGetTakesAThousandKeys() {
    String keys =
        IntStream.range(0, 1_000).mapToObj(i -> "\"a" + i + "\"").collect(Collectors.joining(","));
    assertThat(keys(json(server.post("/v1/kv/n:batchGet", "{\"keys\":[" + keys + "]}"))))
        .hasSize(15);
    assertBadArgument(
        server.post("/v1/kv/n:batchGet", "{\"keys\":[" + keys + ",\"one more\"]}"), "keys");
  }

  @Test
  void batchGetSaysWhatRemainsWhenValuesAreLarge() {
    KeyValueStore<byte[]> store = server.howdah().kv("heavy", Codec.bytes());
    store.set("0", new byte[16 << 20]);
    List<String> asked = List.of("0", "1", "absent", "2", "3", "4");
    for (String key : List.of("1", "2", "3", "4")) {
      store.set(key, new byte[6 << 20]);
    }
    List<List<String>> answers = new ArrayList<>();
    List<String> remaining = asked;
    while (!remaining.isEmpty()) {
      JsonNode answer =
          json(
              server.post(
                  "/v1/kv/heavy:batchGet",
                  "{\"keys\":[\"" + String.join("\",\"", remaining) + "\"]}"));
      answers.add(keys(answer));
      remaining = new ArrayList<>();
      for (JsonNode key : answer.path("remaining")) {
        remaining.add(key.stringValue());
      }
    }
    assertThat(answers).containsExactly(List.of("0"), List.of("1", "2"), List.of("3", "4"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"keys\":1}",
        "{\"keys\":[1]}",
        "{\"keys\":null}",
        "{\"keys\":[null]}",
        "{\"keys\":[\"a\"],\"keys\":[]}",
        "[]",
        "{",
        ""
      })
  void badBatchesAreRefused(String body) {
    assertThat(
            assertProblem(server.post("/v1/kv/n:batchGet", body), 400, "INVALID_ARGUMENT")
                .path("argument")
                .stringValue())
        .isIn("keys", "body");
  }

  @Test
  void batchesWithBadKeysAreRefused() {
    assertBadArgument(server.post("/v1/kv/n:batchGet", "{\"keys\":[\"a\",\"\"]}"), "key");
    assertBadArgument(server.post("/v1/kv/n:batchGet", "{\"keys\":[\"a\"],\"other\":1}"), "other");
    assertProblem(
        server.send(
            server
                .request("/v1/kv/n:batchGet")
                .header("Content-Type", "text/plain")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{}"))),
        415,
        "UNSUPPORTED_MEDIA_TYPE");
  }
}
