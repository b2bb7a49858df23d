package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Secret;
import io.howdah.server.ServerFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class SessionsTest {
  private static final String CURRENT = "/v1/sessions/current";

  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(SessionsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static JsonNode create(String userId, String more) {
    HttpResponse<String> created =
        server.post("/v1/sessions", "{\"userId\":\"" + userId + "\"" + more + "}");
    assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
    assertThat(created.headers().firstValue("Cache-Control")).contains("no-store");
    return json(created);
  }

  private static String token(JsonNode created) {
    return created.path("token").stringValue();
  }

  private static HttpResponse<String> send(String method, String path, String token, String body) {
    HttpRequest.Builder request = server.request(path).header("Howdah-Session", token);
    return server.send(
        body == null
            ? request.method(method, BodyPublishers.noBody())
            : request
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
  }

  @Test
  void aSessionIsReadByTheTokenInItsHeader() {
    JsonNode created =
        create(
            "ann",
            ",\"data\":{\"cart\":[1,1.50]},\"ip\":\"2001:DB8::1\",\"userAgent\":\"curl\",\"idle\":\"10m\",\"lifetime\":\"1h\"");
    HttpResponse<String> read = send("GET", CURRENT, token(created), null);
    assertThat(read.statusCode()).isEqualTo(200);
    assertThat(read.headers().firstValue("Cache-Control")).contains("no-store");
    JsonNode session = json(read);
    assertThat(session.path("userId").stringValue()).isEqualTo("ann");
    assertThat(read.body()).contains("\"data\":{\"cart\": [1, 1.50]}");
    assertThat(session.path("ip").stringValue()).isEqualTo("2001:db8::1");
    assertThat(session.path("userAgent").stringValue()).isEqualTo("curl");
    assertThat(session.path("handle")).isEqualTo(created.path("session").path("handle"));
    assertThat(java.time.Instant.parse(session.path("expiresAt").stringValue()))
        .isEqualTo(
            java.time.Instant.parse(session.path("createdAt").stringValue()).plusSeconds(600));
    assertThat(read.body()).doesNotContain(token(created));
    assertThat(json(send("POST", CURRENT + ":touch", token(created), null)).path("handle"))
        .isEqualTo(session.path("handle"));
    assertThat(send("HEAD", CURRENT, token(created), null).statusCode()).isEqualTo(200);
  }

  @Test
  void attributesAreMerged() {
    String token = token(create("ann", ",\"data\":{\"a\":1,\"b\":1}"));
    assertThat(send("PATCH", CURRENT, token, "{\"a\":null,\"c\":{\"d\":2}}").statusCode())
        .isEqualTo(204);
    assertThat(send("GET", CURRENT, token, null).body())
        .contains("\"data\":{\"b\": 1, \"c\": {\"d\": 2}}");
  }

  @Test
  void aTokenIsRotatedAndAnAnonymousSessionGetsItsUser() {
    HttpResponse<String> anonymous = server.post("/v1/sessions", "{}");
    assertThat(json(anonymous).path("session").path("userId").isNull()).isTrue();
    String first = token(json(anonymous));
    String second = token(json(send("POST", CURRENT + ":rotate", first, "{\"userId\":\"rot\"}")));
    assertProblem(send("GET", CURRENT, first, null), 404, "NOT_FOUND");
    assertThat(json(send("GET", CURRENT, second, null)).path("userId").stringValue())
        .isEqualTo("rot");
    String third = token(json(send("POST", CURRENT + ":rotate", second, "{}")));
    assertThat(send("GET", CURRENT, third, null).statusCode()).isEqualTo(200);
    assertBadArgument(
        send("POST", CURRENT + ":rotate", third, "{\"userId\":\"other\"}"), "user_id");
  }

  @Test
  void sessionsOfAUserAreListedCountedAndRevoked() {
    JsonNode one = create("bob", "");
    JsonNode two = create("bob", "");
    JsonNode three = create("bob", "");
    JsonNode listed = json(server.get("/v1/sessions?userId=bob")).path("sessions");
    assertThat(listed.size()).isEqualTo(3);
    assertThat(server.get("/v1/sessions:count?userId=bob").body()).isEqualTo("{\"count\":3}");
    String handle = one.path("session").path("handle").stringValue();
    assertProblem(server.delete("/v1/sessions/" + handle + "?userId=ann"), 404, "NOT_FOUND");
    assertThat(server.delete("/v1/sessions/" + handle + "?userId=bob").statusCode()).isEqualTo(204);
    assertThat(send("DELETE", "/v1/sessions?userId=bob", token(two), null).body())
        .isEqualTo("{\"revoked\":1}");
    assertProblem(send("GET", CURRENT, token(three), null), 404, "NOT_FOUND");
    assertThat(send("DELETE", CURRENT, token(two), null).statusCode()).isEqualTo(204);
    assertProblem(send("DELETE", CURRENT, token(two), null), 404, "NOT_FOUND");
    var unused = create("bob", "");
    assertThat(server.delete("/v1/sessions?userId=bob").body()).isEqualTo("{\"revoked\":1}");
    assertThat(server.get("/v1/sessions:count?userId=bob").body()).isEqualTo("{\"count\":0}");
  }

  @Test
  void sessionsAreFoundByWhatTheyHold() {
    var unused = create("find", ",\"data\":{\"tenant\":\"t1\"}");
    HttpResponse<String> found =
        server.post("/v1/sessions:find", "{\"contains\":{\"tenant\":\"t1\"},\"limit\":5}");
    assertThat(json(found).path("sessions").size()).isEqualTo(1);
    assertThat(
            json(server.post("/v1/sessions:find", "{\"contains\":{\"tenant\":\"t2\"}}"))
                .path("sessions")
                .size())
        .isZero();
  }

  @Test
  void settingsAreReadAndChanged() {
    String defaults = server.get("/v1/sessions:settings").body();
    assertThat(defaults)
        .isEqualTo(
            "{\"durability\":\"relaxed\",\"idle\":\"30m\",\"lifetime\":\"1d\",\"touchInterval\":\"1m\",\"maxPerUser\":0,\"onFull\":\"evict\",\"keepEvents\":\"PT0S\"}");
    HttpResponse<String> changed =
        patch("{\"maxPerUser\":1,\"onFull\":\"refuse\",\"keepEvents\":\"7d\"}");
    try {
      assertThat(changed.body()).isEqualTo(server.get("/v1/sessions:settings").body());
      assertThat(json(changed).path("keepEvents").stringValue()).isEqualTo("7d");
      var unused = create("capped", "");
      assertProblem(server.post("/v1/sessions", "{\"userId\":\"capped\"}"), 409, "SESSION_LIMIT");
      String anonymous = token(json(server.post("/v1/sessions", "{\"data\":null}")));
      assertProblem(
          send("POST", CURRENT + ":rotate", anonymous, "{\"userId\":\"capped\"}"),
          409,
          "SESSION_LIMIT");
      assertThat(send("GET", CURRENT, anonymous, null).statusCode()).isEqualTo(200);
    } finally {
      assertThat(patch("{\"maxPerUser\":0,\"onFull\":\"evict\",\"keepEvents\":\"0s\"}").body())
          .isEqualTo(defaults);
    }
  }

  @Test
  void settingsThatDifferentRequestsChangeAreAllChanged() {
    String defaults = server.get("/v1/sessions:settings").body();
    List<String> names = List.of("idle", "lifetime", "touchInterval", "keepEvents");
    try {
      for (int round = 1; round <= 20; round++) {
        String time = round + "m";
        List<HttpResponse<String>> answers =
            names.parallelStream()
                .map(name -> patch("{\"" + name + "\":\"" + time + "\"}"))
                .toList();
        assertThat(answers).allMatch(answer -> answer.statusCode() == 200);
        JsonNode settings = json(server.get("/v1/sessions:settings"));
        assertThat(names)
            .allSatisfy(name -> assertThat(settings.path(name).stringValue()).isEqualTo(time));
      }
    } finally {
      assertThat(
              patch(
                      "{\"idle\":\"30m\",\"lifetime\":\"1d\",\"touchInterval\":\"1m\",\"keepEvents\":\"0s\"}")
                  .body())
          .isEqualTo(defaults);
    }
  }

  private static HttpResponse<String> patch(String settings) {
    return server.send(
        server
            .request("/v1/sessions:settings")
            .header("Content-Type", "application/json")
            .method("PATCH", BodyPublishers.ofString(settings)));
  }

  @Test
  void absentAndMalformedTokensAreRefused() {
    assertProblem(send("GET", CURRENT, Secret.make(), null), 404, "NOT_FOUND");
    assertProblem(send("PATCH", CURRENT, Secret.make(), "{}"), 404, "NOT_FOUND");
    assertProblem(send("POST", CURRENT + ":rotate", Secret.make(), "{}"), 404, "NOT_FOUND");
    assertBadArgument(server.get(CURRENT), "Howdah-Session");
    for (String bad : List.of("short", Secret.make() + "x", "'; DROP TABLE x; --")) {
      assertBadArgument(send("GET", CURRENT, bad, null), "Howdah-Session");
      assertBadArgument(send("POST", CURRENT + ":touch", bad, null), "Howdah-Session");
      assertBadArgument(send("PATCH", CURRENT, bad, "{}"), "Howdah-Session");
      assertBadArgument(send("DELETE", CURRENT, bad, null), "Howdah-Session");
      assertBadArgument(send("DELETE", "/v1/sessions?userId=ann", bad, null), "Howdah-Session");
      assertThat(send("GET", CURRENT, bad, null).body()).doesNotContain(bad);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"userId\":\"\"}|userId",
        "{\"userId\":1}|userId",
        "{\"userId\":\"a\\u0000\"}|userId",
        "{\"data\":[]}|data",
        "{\"data\":{\"a\":\"\\u0000\"}}|data",
        "{\"idle\":\"0s\"}|idle",
        "{\"idle\":\"soon\"}|idle",
        "{\"lifetime\":\"36501d\"}|lifetime",
        "{\"lifetime\":30}|lifetime",
        "{\"ip\":\"localhost\"}|ip",
        "{\"user\":\"ann\"}|user",
        "[]|body",
        "{|body"
      })
  void badSessionsAreRefused(String body, String argument) {
    String before = server.get("/v1/sessions:count").body();
    assertBadArgument(server.post("/v1/sessions", body), argument);
    assertThat(server.get("/v1/sessions:count").body()).isEqualTo(before);
  }

  @Test
  void otherBadRequestsAreRefused() {
    String token = token(create("bad", ""));
    assertBadArgument(send("PATCH", CURRENT, token, "[]"), "patch");
    assertBadArgument(send("PATCH", CURRENT, token, "{"), "patch");
    assertBadArgument(
        send("PATCH", CURRENT, token, "{\"a\":\"" + "x".repeat(1 << 20) + "\"}"), "patch");
    assertProblem(
        send("PATCH", CURRENT, token, "{\"a\":\"" + "x".repeat(2 << 20) + "\"}"),
        413,
        "CONTENT_TOO_LARGE");
    assertBadArgument(server.get("/v1/sessions"), "userId");
    assertBadArgument(server.get("/v1/sessions?userId="), "userId");
    assertBadArgument(server.delete("/v1/sessions"), "userId");
    assertBadArgument(server.delete("/v1/sessions/1-1-1-1-1?userId=ann"), "handle");
    assertBadArgument(server.delete("/v1/sessions/x?userId=ann"), "handle");
    assertBadArgument(server.post("/v1/sessions:find", "{}"), "contains");
    assertBadArgument(server.post("/v1/sessions:find", "{\"contains\":[]}"), "contains");
    assertBadArgument(
        server.post("/v1/sessions:find", "{\"contains\":{},\"limit\":1001}"), "limit");
    for (String bad :
        List.of(
            "durability|{\"durability\":\"eternal\"}",
            "idle|{\"idle\":\"0s\"}",
            "touchInterval|{\"touchInterval\":\"-PT1S\"}",
            "maxPerUser|{\"maxPerUser\":-1}",
            "maxPerUser|{\"maxPerUser\":1.5}",
            "onFull|{\"onFull\":\"explode\"}",
            "keepEvents|{\"keepEvents\":\"36501d\"}",
            "capacity|{\"capacity\":1}")) {
      int bar = bad.indexOf('|');
      assertBadArgument(patch(bad.substring(bar + 1)), bad.substring(0, bar));
    }
    assertProblem(server.put("/v1/sessions/current", "{}"), 405, "METHOD_NOT_ALLOWED");
  }
}
