package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.flag.FlagSubject;
import io.howdah.server.ServerFixture;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class FlagsTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(FlagsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String body(String definition) {
    return "{\"definition\":" + definition + ",\"changedBy\":\"ann\",\"reason\":\"try it\"}";
  }

  @Test
  void flagLivesAndDies() {
    assertProblem(server.get("/v1/flags/f"), 404, "NOT_FOUND");
    HttpResponse<String> set =
        server.put("/v1/flags/f", body("{\"enabled\":true,\"allowed_user_ids\":[42]}"));
    assertThat(set.statusCode()).isEqualTo(200);
    long revision = json(set).path("revision").longValue();
    JsonNode flag = json(server.get("/v1/flags/f"));
    assertThat(flag.path("name").stringValue()).isEqualTo("f");
    assertThat(flag.path("revision").longValue()).isEqualTo(revision);
    assertThat(flag.path("updatedBy").stringValue()).isEqualTo("ann");
    assertThat(flag.path("definition").path("allowed_user_ids").toString()).isEqualTo("[\"42\"]");
    assertThat(server.howdah().flags().isEnabled("f", FlagSubject.user(42))).isTrue();
    assertThat(json(server.get("/v1/flags")).path("flags").findValuesAsString("name"))
        .contains("f");

    JsonNode on = json(server.post("/v1/flags/f/evaluate", "{\"user_id\":42}"));
    assertThat(on.path("enabled").booleanValue()).isTrue();
    assertThat(on.path("value").booleanValue()).isTrue();
    assertThat(on.path("variant").stringValue()).isEqualTo("on");
    assertThat(on.path("reason").stringValue()).isEqualTo("TARGETING_MATCH");
    assertThat(on.path("rule").stringValue()).isEqualTo("allowed_user");
    assertThat(on.path("explanation").stringValue()).startsWith("f is on for user 42");
    JsonNode off =
        json(
            server.post(
                "/v1/flags/f/evaluate",
                "{\"user_id\":\"43\",\"groups\":[\"x\"],\"attributes\":{\"country\":\"DE\",\"age\":3.5,\"known\":true}}"));
    assertThat(off.path("enabled").booleanValue()).isFalse();
    assertThat(off.path("rolloutBucket").isInt()).isTrue();

    assertThat(server.delete("/v1/flags/f?changedBy=bob&reason=enough+now").statusCode())
        .isEqualTo(204);
    assertProblem(server.delete("/v1/flags/f?changedBy=bob"), 404, "NOT_FOUND");
    JsonNode changes = json(server.get("/v1/flags/f/history")).path("changes");
    assertThat(changes.size()).isEqualTo(2);
    assertThat(changes.path(0).path("changedBy").stringValue()).isEqualTo("bob");
    assertThat(changes.path(0).path("reason").stringValue()).isEqualTo("enough now");
    assertThat(changes.path(0).path("after").isNull()).isTrue();
    assertThat(changes.path(1).path("before").isNull()).isTrue();
    assertThat(changes.path(1).path("after").path("enabled").booleanValue()).isTrue();
  }

  @Test
  void absentFlagIsOff() {
    JsonNode absent = json(server.post("/v1/flags/absent/evaluate", "{}"));
    assertThat(absent.path("enabled").booleanValue()).isFalse();
    assertThat(absent.path("value").isNull()).isTrue();
    assertThat(absent.path("reason").stringValue()).isEqualTo("ERROR");
    assertThat(absent.path("rule").stringValue()).isEqualTo("flag_not_found");
    assertProblem(server.get("/v1/flags/absent/history"), 404, "NOT_FOUND");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|definition",
        "{\"definition\":1,\"changedBy\":\"ann\"}|definition",
        "{\"definition\":{}}|changedBy",
        "{\"definition\":{},\"changedBy\":\"\"}|changedBy",
        "{\"definition\":{},\"changedBy\":\"ann\",\"reason\":1}|reason",
        "{\"definition\":{\"enable\":true},\"changedBy\":\"ann\"}|definition",
        "{\"definition\":{\"rollout_percentage\":101},\"changedBy\":\"ann\"}|definition.rollout_percentage",
        "{\"definition\":{},\"changedBy\":\"ann\",\"why\":\"x\"}|why",
      })
  void badFlagIsRefused(String body, String argument) {
    assertBadArgument(server.put("/v1/flags/bad", body), argument);
    assertProblem(server.get("/v1/flags/bad"), 404, "NOT_FOUND");
  }

  @Test
  void otherBadInputIsRefused() {
    assertBadArgument(server.put("/v1/flags/a:b", body("{}")), "name");
    assertBadArgument(server.get("/v1/flags/%C3%BC"), "name");
    assertBadArgument(server.delete("/v1/flags/f"), "changedBy");
    assertBadArgument(server.get("/v1/flags?x=1"), "x");
    assertBadArgument(server.post("/v1/flags/f/evaluate", "{\"user\":1}"), "user");
    assertBadArgument(server.post("/v1/flags/f/evaluate", "{\"user_id\":1.5}"), "context.user_id");
    assertBadArgument(
        server.post("/v1/flags/f/evaluate", "{\"attributes\":{\"a\":[]}}"), "context.attributes");
    assertProblem(
        server.put("/v1/flags/f", body("{\"metadata\":{\"a\":\"" + "x".repeat(1 << 20) + "\"}}")),
        413,
        "CONTENT_TOO_LARGE");
    assertBadArgument(
        server.put("/v1/flags/f", body("{\"metadata\":{\"a\":\"" + "x".repeat(300_000) + "\"}}")),
        "definition");
  }
}
