package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Secret;
import io.howdah.server.ServerFixture;
import io.howdah.testing.Threads;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TokensTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(TokensTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String issue(String more) {
    HttpResponse<String> issued =
        server.post(
            "/v1/tokens",
            "{\"purpose\":\"reset\",\"subject\":\"ann\",\"ttl\":\"30m\"" + more + "}");
    assertThat(issued.statusCode()).as(issued.body()).isEqualTo(201);
    assertThat(issued.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(json(issued).path("expiresAt").stringValue()).endsWith("Z");
    return json(issued).path("token").stringValue();
  }

  private static String use(String purpose, String token) {
    return "{\"purpose\":\"" + purpose + "\",\"token\":\"" + token + "\"}";
  }

  @Test
  void aTokenIsConsumedOnce() {
    String token = issue(",\"payload\":{\"n\":1.50}");
    for (String action : List.of(":peek", ":peek", ":consume")) {
      HttpResponse<String> used = server.post("/v1/tokens" + action, use("reset", token));
      assertThat(used.body()).isEqualTo("{\"subject\":\"ann\",\"payload\":{\"n\": 1.50}}");
      assertThat(used.headers().firstValue("Cache-Control")).contains("no-store");
    }
    assertProblem(server.post("/v1/tokens:consume", use("reset", token)), 404, "NOT_FOUND");
    assertProblem(server.post("/v1/tokens:peek", use("reset", token)), 404, "NOT_FOUND");
  }

  @Test
  void ofManyRequestsOneGetsIt() {
    String token = issue("");
    List<Integer> answers =
        Threads.run(
            16, thread -> server.post("/v1/tokens:consume", use("reset", token)).statusCode());
    assertThat(answers.stream().filter(status -> status == 200)).hasSize(1);
    assertThat(answers).containsOnly(200, 404);
  }

  @Test
  void aTokenIsForOnePurposeAndCanBeRevoked() {
    String token = issue("");
    assertProblem(server.post("/v1/tokens:consume", use("proof", token)), 404, "NOT_FOUND");
    String subject = "{\"purpose\":\"reset\",\"subject\":\"ann\"}";
    assertThat(json(server.post("/v1/tokens:revoke", subject)).path("revoked").intValue())
        .isGreaterThanOrEqualTo(1);
    assertThat(server.post("/v1/tokens:revoke", subject).body()).isEqualTo("{\"revoked\":0}");
    assertProblem(server.post("/v1/tokens:consume", use("reset", token)), 404, "NOT_FOUND");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"subject\":\"ann\",\"ttl\":\"30m\"}|purpose",
        "{\"purpose\":\"\",\"subject\":\"ann\",\"ttl\":\"30m\"}|purpose",
        "{\"purpose\":\"p\",\"ttl\":\"30m\"}|subject",
        "{\"purpose\":\"p\",\"subject\":\"a\\u0000\",\"ttl\":\"30m\"}|subject",
        "{\"purpose\":\"p\",\"subject\":\"ann\"}|ttl",
        "{\"purpose\":\"p\",\"subject\":\"ann\",\"ttl\":\"0s\"}|ttl",
        "{\"purpose\":\"p\",\"subject\":\"ann\",\"ttl\":\"36501d\"}|ttl",
        "{\"purpose\":\"p\",\"subject\":\"ann\",\"ttl\":\"30m\",\"payload\":\"\\u0000\"}|payload",
        "{\"purpose\":\"p\",\"subject\":\"ann\",\"ttl\":\"30m\",\"once\":true}|once",
        "[]|body"
      })
  void badTokensAreRefused(String body, String argument) {
    assertBadArgument(server.post("/v1/tokens", body), argument);
  }

  @Test
  void malformedTokensAreRefusedAndNotShown() {
    for (String bad : List.of("short", Secret.make() + "x")) {
      for (String action : List.of(":consume", ":peek")) {
        HttpResponse<String> refused = server.post("/v1/tokens" + action, use("reset", bad));
        assertBadArgument(refused, "token");
        assertThat(refused.body()).doesNotContain(bad);
      }
    }
    assertBadArgument(server.post("/v1/tokens:consume", "{\"purpose\":\"reset\"}"), "token");
    assertBadArgument(
        server.post(
            "/v1/tokens",
            "{\"purpose\":\"p\",\"subject\":\"ann\",\"ttl\":\"30m\",\"payload\":\""
                + "x".repeat(65_536)
                + "\"}"),
        "payload");
  }
}
