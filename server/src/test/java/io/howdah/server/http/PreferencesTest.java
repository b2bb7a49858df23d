package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.preference.PreferenceKey;
import io.howdah.server.ServerFixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class PreferencesTest {
  private static final String PATH = "/v1/preferences";

  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(PreferencesTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void put(String path, String json) {
    assertThat(server.put(PATH + path, json).statusCode()).as(path).isEqualTo(204);
  }

  @Test
  void preferenceLivesAndDies() {
    assertThat(json(server.get(PATH + "/users/ann")).toString()).isEqualTo("{\"preferences\":{}}");
    put("/users/ann/theme", "\"dark\"");
    put("/users/ann/columns", "[1,2]");
    JsonNode all = json(server.get(PATH + "/users/ann"));
    assertThat(all.path("preferences").toString())
        .isEqualTo("{\"columns\":[1,2],\"theme\":\"dark\"}");
    assertThat(all.path("updatedAt").stringValue()).startsWith("20");
    assertThat(
            server.howdah().preferences().get("ann", PreferenceKey.of("theme", String.class, "")))
        .isEqualTo("dark");
    assertThat(server.delete(PATH + "/users/ann/theme").statusCode()).isEqualTo(204);
    assertProblem(server.delete(PATH + "/users/ann/theme"), 404, "NOT_FOUND");
    assertThat(server.delete(PATH + "/users/ann").statusCode()).isEqualTo(204);
    assertProblem(server.delete(PATH + "/users/ann"), 404, "NOT_FOUND");
  }

  @Test
  void layersAreLaidOverEachOther() {
    put("/system/rows", "1");
    put("/groups/staff/rows", "2");
    put("/groups/staff/theme", "null");
    put("/users/bob/theme", "\"dark\"");
    JsonNode effective =
        json(server.post(PATH + ":effective", "{\"userId\":\"bob\",\"groups\":[\"staff\"]}"));
    assertThat(effective.path("preferences").path("rows").toString())
        .isEqualTo("{\"value\":2,\"origin\":\"group\",\"group\":\"staff\"}");
    assertThat(effective.path("preferences").path("theme").toString())
        .isEqualTo("{\"value\":\"dark\",\"origin\":\"user\"}");
    assertThat(
            json(server.post(PATH + ":effective", "{\"userId\":\"eve\"}"))
                .path("preferences")
                .path("rows")
                .path("origin")
                .stringValue())
        .isEqualTo("system");
    assertThat(json(server.get(PATH + "/groups/staff")).path("preferences").size()).isEqualTo(2);
    assertThat(json(server.get(PATH + "/system")).path("preferences").toString())
        .isEqualTo("{\"rows\":1}");
    assertThat(server.delete(PATH + "/groups/staff/rows").statusCode()).isEqualTo(204);
    assertThat(server.delete(PATH + "/groups/staff").statusCode()).isEqualTo(204);
    assertThat(server.delete(PATH + "/system/rows").statusCode()).isEqualTo(204);
    assertProblem(server.delete(PATH + "/system/rows"), 404, "NOT_FOUND");
  }

  @Test
  void whoHasAValueIsFoundInPages() {
    for (int i = 0; i < 5; i++) {
      put("/users/page" + i + "/wanted", "{\"a\":1}");
    }
    assertThat(
            json(server.post(
                    PATH + ":find", "{\"key\":\"wanted\",\"value\":{\"a\":1},\"limit\":3}"))
                .toString())
        .isEqualTo("{\"userIds\":[\"page0\",\"page1\",\"page2\"]}");
    assertThat(
            json(server.post(
                    PATH + ":find", "{\"key\":\"wanted\",\"value\":{\"a\":1},\"after\":\"page2\"}"))
                .toString())
        .isEqualTo("{\"userIds\":[\"page3\",\"page4\"]}");
  }

  /** Ids and keys come as they are, whatever stands in them. */
  @Test
  void anyIdAndKeyCanBeNamed() {
    put("/users/a%20b%3F%25%C3%BC/k%22%3D%3E", "1");
    put("/users/a%2Fb/c%2Fd", "2");
    PreferenceKey<Integer> key = PreferenceKey.of("k\"=>", Integer.class, 0);
    assertThat(server.howdah().preferences().get("a b?%ü", key)).isEqualTo(1);
    PreferenceKey<Integer> slashed = PreferenceKey.of("c/d", Integer.class, 0);
    assertThat(server.howdah().preferences().get("a/b", slashed)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ":effective|{}|userId",
        ":effective|{\"userId\":\"\"}|userId",
        ":effective|{\"userId\":\"a\",\"groups\":\"b\"}|groups",
        ":effective|{\"userId\":\"a\",\"groups\":[1]}|groups",
        ":effective|{\"userId\":\"a\",\"group\":[]}|group",
        ":find|{\"key\":\"k\"}|value",
        ":find|{\"value\":1}|key",
        ":find|{\"key\":\"k\",\"value\":1,\"limit\":1001}|limit",
        ":find|{\"key\":\"k\",\"value\":1,\"limit\":0}|limit",
        ":find?x=1|{\"key\":\"k\",\"value\":1}|x",
      })
  void badQuestionIsRefused(String path, String body, String argument) {
    assertBadArgument(server.post(PATH + path, body), argument);
  }

  @Test
  void badValueIsRefused() {
    assertBadArgument(server.put(PATH + "/users/u/k", "{"), "value");
    assertBadArgument(server.put(PATH + "/users/u/k", "\"" + "x".repeat(65_535) + "\""), "value");
    assertProblem(
        server.put(PATH + "/users/u/k", "\"" + "x".repeat(600_000) + "\""),
        413,
        "CONTENT_TOO_LARGE");
    assertBadArgument(server.put(PATH + "/users/u/" + "k".repeat(257), "1"), "key");
    assertBadArgument(server.put(PATH + "/users/" + "u".repeat(1_025) + "/k", "1"), "userId");
    assertBadArgument(server.put(PATH + "/users/u/k?ttl=1", "1"), "ttl");
    assertBadArgument(server.get(PATH + "/users/u?x=1"), "x");
    assertThat(json(server.get(PATH + "/users/u")).path("preferences").isEmpty()).isTrue();
  }
}
