package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.config.Config;
import io.howdah.config.ConfigKey;
import io.howdah.server.ServerFixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class ConfigsTest {
  private static final String PATH = "/v1/config";

  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(ConfigsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static long put(String path, String value) {
    JsonNode answer =
        json(server.put(PATH + path, "{\"value\":" + value + ",\"changedBy\":\"ann\"}"));
    assertThat(answer.path("revision").isNumber()).as(answer.toString()).isTrue();
    return answer.path("revision").longValue();
  }

  @Test
  void valueLivesAndDies() {
    ConfigKey<Integer> max = ConfigKey.of("max", Integer.class, 50);
    Config shop = server.howdah().config("shop");
    assertThat(shop.get(max)).isEqualTo(50);
    assertProblem(server.get(PATH + "/shop/max"), 404, "NOT_FOUND");
    JsonNode set =
        json(
            server.put(
                PATH + "/shop/max", "{\"value\":1e2,\"changedBy\":\"ann\",\"reason\":\"summer\"}"));
    shop.refresh();
    assertThat(shop.get(max)).isEqualTo(100);
    JsonNode got = json(server.get(PATH + "/shop/max"));
    assertThat(got.path("key").stringValue()).isEqualTo("max");
    assertThat(got.path("value").toString()).isEqualTo("100");
    assertThat(got.path("version").stringValue()).matches("\\d+");
    assertThat(got.path("updatedAt").stringValue()).startsWith("20");
    assertThat(got.path("changedBy").stringValue()).isEqualTo("ann");
    assertThat(got.path("reason").stringValue()).isEqualTo("summer");
    assertThat(put("/shop/max", "101")).isGreaterThan(set.path("revision").longValue());
    assertThat(json(server.get(PATH + "/shop/max")).path("version").stringValue())
        .isNotEqualTo(got.path("version").stringValue());
    assertThat(server.delete(PATH + "/shop/max?changedBy=bob&reason=over").statusCode())
        .isEqualTo(204);
    shop.refresh();
    assertThat(shop.get(max)).isEqualTo(50);
    assertProblem(server.delete(PATH + "/shop/max?changedBy=bob"), 404, "NOT_FOUND");
    assertProblem(server.get(PATH + "/shop/max"), 404, "NOT_FOUND");
  }

  @Test
  void historyHasWhoWhenBeforeAfterAndWhy() {
    assertProblem(server.get(PATH + "/history/k/history"), 404, "NOT_FOUND");
    long first = put("/history/k", "{\"a\":1}");
    assertThat(server.delete(PATH + "/history/k?changedBy=bob&reason=over").statusCode())
        .isEqualTo(204);
    JsonNode changes = json(server.get(PATH + "/history/k/history")).path("changes");
    assertThat(changes.size()).isEqualTo(2);
    assertThat(changes.get(0).path("before").toString()).isEqualTo("{\"a\":1}");
    assertThat(changes.get(0).path("after").isNull()).isTrue();
    assertThat(changes.get(0).path("changedBy").stringValue()).isEqualTo("bob");
    assertThat(changes.get(0).path("reason").stringValue()).isEqualTo("over");
    assertThat(changes.get(1).path("revision").longValue()).isEqualTo(first);
    assertThat(changes.get(1).path("before").isNull()).isTrue();
    assertThat(changes.get(1).path("reason").isNull()).isTrue();
    assertThat(changes.get(1).path("changedAt").stringValue()).startsWith("20");
  }

  @Test
  void valuesComeInPages() {
    assertThat(json(server.get(PATH + "/none")).toString())
        .isEqualTo("{\"values\":[],\"next\":null}");
    for (String key : new String[] {"b", "B", "a", "ä"}) {
      put("/pages/" + key.replace("ä", "%C3%A4"), "null");
    }
    JsonNode page = json(server.get(PATH + "/pages?limit=3"));
    assertThat(page.path("values").findValuesAsString("key")).containsExactly("B", "a", "b");
    assertThat(page.path("values").get(0).path("value").isNull()).isTrue();
    assertThat(page.path("next").stringValue()).isEqualTo("b");
    JsonNode rest = json(server.get(PATH + "/pages?limit=3&after=b"));
    assertThat(rest.path("values").findValuesAsString("key")).containsExactly("ä");
    assertThat(rest.path("next").isNull()).isTrue();
  }

  /** What kv writes is a value too, and nobody is said to have changed it. */
  @Test
  void valueWrittenOtherwiseIsNobodys() {
    put("/plain/k", "1");
    assertThat(server.put("/v1/kv/plain/k", "2").statusCode()).isEqualTo(204);
    JsonNode got = json(server.get(PATH + "/plain/k"));
    assertThat(got.path("value").toString()).isEqualTo("2");
    assertThat(got.path("changedBy").isNull()).isTrue();
    assertThat(json(server.get(PATH + "/plain/k/history")).path("changes").size()).isEqualTo(1);
  }

  @Test
  void anyNamespaceAndKeyCanBeNamed() {
    put("/a%2Fb/c%2Fhistory", "1");
    assertThat(server.howdah().config("a/b").get(ConfigKey.of("c/history", Integer.class, 0)))
        .isEqualTo(1);
    assertThat(json(server.get(PATH + "/a%2Fb/c%2Fhistory")).path("key").stringValue())
        .isEqualTo("c/history");
  }

  @Test
  void otherNamespaceIsAConflict() {
    assertThat(server.howdah().namespaces().create("taken", Durability.EPHEMERAL)).isTrue();
    assertProblem(
        server.put(PATH + "/taken/k", "{\"value\":1,\"changedBy\":\"ann\"}"),
        409,
        "NAMESPACE_CONFLICT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "k|{\"changedBy\":\"ann\"}|value",
        "k|{\"value\":1}|changedBy",
        "k|{\"value\":1,\"changedBy\":\"\"}|changedBy",
        "k|{\"value\":1,\"changedBy\":7}|changedBy",
        "k|{\"value\":1,\"changedBy\":\"ann\",\"reason\":7}|reason",
        "k|{\"value\":1,\"changedBy\":\"ann\",\"by\":\"bob\"}|by",
        "k|{\"value\":|body",
        "k|[]|body",
        "k?ttl=1s|{\"value\":1,\"changedBy\":\"ann\"}|ttl",
      })
  void badChangeIsRefused(String key, String body, String argument) {
    assertBadArgument(server.put(PATH + "/bad/" + key, body), argument);
    assertThat(json(server.get(PATH + "/bad")).path("values").isEmpty()).isTrue();
  }

  @Test
  void whatIsTooLargeIsRefused() {
    String text = "{\"value\":\"%s\",\"changedBy\":\"ann\"}";
    assertBadArgument(server.put(PATH + "/big/k", text.formatted("x".repeat(65_535))), "value");
    assertProblem(
        server.put(PATH + "/big/k", text.formatted("x".repeat(600_000))), 413, "CONTENT_TOO_LARGE");
    assertBadArgument(server.put(PATH + "/big/" + "k".repeat(257), text.formatted("x")), "key");
    assertBadArgument(server.get(PATH + "/" + "n".repeat(65)), "namespace");
    assertBadArgument(
        server.put(
            PATH + "/big/k",
            "{\"value\":1,\"changedBy\":\"ann\",\"reason\":\"" + "x".repeat(4_097) + "\"}"),
        "reason");
    assertBadArgument(server.get(PATH + "/big?limit=201"), "limit");
    assertBadArgument(server.get(PATH + "/big?after=" + "k".repeat(257)), "after");
    assertBadArgument(server.delete(PATH + "/big/k"), "changedBy");
    assertBadArgument(server.get(PATH + "/big/k?x=1"), "x");
  }
}
