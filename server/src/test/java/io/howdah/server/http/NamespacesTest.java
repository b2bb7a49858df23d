package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class NamespacesTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(NamespacesTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode listed(String name) {
    for (JsonNode namespace : json(server.get("/v1/namespaces")).path("namespaces")) {
      if (namespace.path("name").stringValue().equals(name)) {
        return namespace;
      }
    }
    throw new AssertionError(name + " is not listed");
  }

  @Test
  void aNamespaceIsRegisteredWithItsSettings() {
    String settings =
        "{\"durability\":\"durable\",\"searchable\":true,\"defaultTtl\":\"30m\",\"maxEntries\":10,\"maxBytes\":1000,\"onFull\":\"refuse\"}";
    HttpResponse<String> created = server.put("/v1/namespaces/n%2F1", settings);
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(server.put("/v1/namespaces/n%2F1", settings).statusCode()).isEqualTo(200);
    for (JsonNode shown : new JsonNode[] {json(created), listed("n/1")}) {
      assertThat(shown.path("durability").stringValue()).isEqualTo("durable");
      assertThat(shown.path("searchable").booleanValue()).isTrue();
      assertThat(shown.path("defaultTtl").stringValue()).isEqualTo("30m");
      assertThat(shown.path("maxEntries").longValue()).isEqualTo(10);
      assertThat(shown.path("maxBytes").longValue()).isEqualTo(1000);
      assertThat(shown.path("onFull").stringValue()).isEqualTo("refuse");
    }
    assertThat(listed("n/1").path("registered").booleanValue()).isTrue();
    var unused = server.put("/v1/kv/n%2F1/k", "1");
    assertThat(server.get("/v1/kv/n%2F1/k").headers().firstValue("Howdah-Expires-At")).isPresent();
  }

  @Test
  void aFullOneRefusesNewKeys() {
    var unused = server.put("/v1/namespaces/full", "{\"maxEntries\":2,\"onFull\":\"refuse\"}");
    assertThat(server.put("/v1/kv/full/a", "1").statusCode()).isEqualTo(204);
    assertThat(server.put("/v1/kv/full/b", "1").statusCode()).isEqualTo(204);
    HttpResponse<String> refused;
    int key = 0;
    do {
      // It is full as soon as the sweeper has seen that it is.
      server.howdah().sweep();
      refused = server.put("/v1/kv/full/c" + key++, "1");
    } while (refused.statusCode() == 204 && key < 1_000);
    assertProblem(refused, 507, "NAMESPACE_FULL");
    assertThat(server.put("/v1/kv/full/a", "2").statusCode()).isEqualTo(204);
  }

  @Test
  void anUnregisteredOneIsListedAsSuch() {
    var unused = server.put("/v1/kv/loose/k", "1");
    assertThat(listed("loose").path("registered").booleanValue()).isFalse();
    assertThat(listed("loose").path("durability").stringValue()).isEqualTo("ephemeral");
  }

  @Test
  void theDefaultsAreThoseOfAnUnregisteredOne() {
    JsonNode created = json(server.put("/v1/namespaces/plain", "{}"));
    assertThat(created.path("durability").stringValue()).isEqualTo("ephemeral");
    assertThat(created.path("searchable").booleanValue()).isFalse();
    assertThat(created.path("defaultTtl").isNull()).isTrue();
  }

  @Test
  void aSearchableOneIsAtLeastRelaxed() {
    assertThat(
            json(server.put("/v1/namespaces/search", "{\"searchable\":true}"))
                .path("durability")
                .stringValue())
        .isEqualTo("relaxed");
    assertThat(listed("search").path("durability").stringValue()).isEqualTo("relaxed");
  }

  @Test
  void anotherDurabilityIsAConflict() {
    var unused = server.put("/v1/namespaces/c", "{\"durability\":\"durable\"}");
    assertProblem(
        server.put("/v1/namespaces/c", "{\"durability\":\"ephemeral\"}"),
        409,
        "NAMESPACE_CONFLICT");
  }

  @Test
  void movingTakesTheValuesAlong() {
    var unused = server.put("/v1/kv/moving/k", "1");
    HttpResponse<String> moved =
        server.post("/v1/namespaces/moving:move", "{\"durability\":\"durable\"}");
    assertThat(moved.body()).isEqualTo("{\"moved\":1}");
    assertThat(listed("moving").path("durability").stringValue()).isEqualTo("durable");
    assertThat(server.get("/v1/kv/moving/k").statusCode()).isEqualTo(200);
  }

  @Test
  void droppingTakesTheValuesAway() {
    var unused = server.put("/v1/kv/gone/k", "1");
    assertThat(server.delete("/v1/namespaces/gone").statusCode()).isEqualTo(204);
    assertThat(server.get("/v1/kv/gone/k").statusCode()).isEqualTo(404);
    assertProblem(server.delete("/v1/namespaces/gone"), 404, "NOT_FOUND");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"durability\":\"eternal\"}|durability",
        "{\"durability\":1}|durability",
        "{\"durability\":null}|durability",
        "{\"searchable\":\"yes\"}|searchable",
        "{\"defaultTtl\":30}|defaultTtl",
        "{\"defaultTtl\":\"soon\"}|defaultTtl",
        "{\"defaultTtl\":\"0s\"}|defaultTtl",
        "{\"defaultTtl\":\"-PT5S\"}|defaultTtl",
        "{\"defaultTtl\":\"36501d\"}|defaultTtl",
        "{\"maxEntries\":0}|maxEntries",
        "{\"maxEntries\":1.5}|maxEntries",
        "{\"maxBytes\":99999999999999999999}|maxBytes",
        "{\"onFull\":\"explode\"}|onFull",
        "{\"durable\":true}|durable",
        "[]|body",
        "{|body"
      })
  void badSettingsAreRefused(String body, String argument) {
    assertBadArgument(server.put("/v1/namespaces/bad", body), argument);
    assertThat(server.get("/v1/namespaces").body()).doesNotContain("\"bad\"");
  }

  @Test
  void badNamesAreRefused() {
    assertBadArgument(server.put("/v1/namespaces/" + "n".repeat(65), "{}"), "namespace");
    assertBadArgument(server.put("/v1/namespaces/%FF", "{}"), "namespace");
    assertProblem(server.put("/v1/namespaces/%00", "{}"), 400, "BAD_REQUEST");
    assertProblem(server.put("/v1/namespaces/", "{}"), 404, "NOT_FOUND");
    assertBadArgument(server.delete("/v1/namespaces/" + "n".repeat(65)), "namespace");
    assertBadArgument(
        server.post("/v1/namespaces/" + "n".repeat(65) + ":move", "{\"durability\":\"durable\"}"),
        "namespace");
    assertBadArgument(server.post("/v1/namespaces/x:move", "{}"), "durability");
  }
}
