package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.ratelimit.RateLimit;
import io.howdah.server.ServerFixture;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class LimitsAndLocksTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(LimitsAndLocksTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String limit(String key, int cost) {
    return "{\"name\":\"api\",\"key\":\""
        + key
        + "\",\"cost\":"
        + cost
        + ",\"limits\":[{\"maxCalls\":3,\"period\":\"7d\"}]}";
  }

  @Test
  void limitIsTheOneThatJavaAndSqlCount() {
    JsonNode first = json(server.post("/v1/rate-limits:acquire", limit("k", 2)));
    assertThat(first.path("allowed").booleanValue()).isTrue();
    assertThat(first.path("maxCalls").longValue()).isEqualTo(3);
    assertThat(first.path("remaining").longValue()).isEqualTo(1);
    assertThat(first.path("retryAfterSeconds").doubleValue()).isZero();
    assertThat(
            server
                .howdah()
                .rateLimiter("api", RateLimit.of(3, Duration.ofDays(7)))
                .acquire("k")
                .allowed())
        .isTrue();
    HttpResponse<String> denied = server.post("/v1/rate-limits:acquire", limit("k", 1));
    assertThat(denied.statusCode()).isEqualTo(200);
    assertThat(json(denied).path("allowed").booleanValue()).isFalse();
    assertThat(json(denied).path("retryAfterSeconds").doubleValue()).isPositive();
    assertThat(
            json(server.post("/v1/rate-limits:peek", limit("k", 1))).path("remaining").longValue())
        .isZero();
    assertThat(server.post("/v1/rate-limits:refund", limit("k", 1)).statusCode()).isEqualTo(204);
    assertThat(server.post("/v1/rate-limits:reset", limit("k", 1)).statusCode()).isEqualTo(204);
    assertProblem(server.post("/v1/rate-limits:reset", limit("k", 1)), 404, "NOT_FOUND");
    assertProblem(server.post("/v1/rate-limits:peek", limit("k", 1)), 404, "NOT_FOUND");
  }

  @Test
  void everyAlgorithmHasAName() {
    for (String algorithm : new String[] {"token-bucket", "sliding-window", "fixed-window"}) {
      JsonNode decision =
          json(
              server.post(
                  "/v1/rate-limits:acquire",
                  "{\"name\":\"named\",\"key\":\"k\",\"limits\":[{\"algorithm\":\""
                      + algorithm
                      + "\",\"maxCalls\":3,\"period\":\"36500d\"},{\"maxCalls\":9,\"period\":\"1h\"}]}"));
      assertThat(decision.path("allowed").booleanValue()).as(algorithm).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|limits",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[]}|limits",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[1]}|limits",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[{\"period\":\"1s\"}]}|maxCalls",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[{\"maxCalls\":0,\"period\":\"1s\"}]}|maxCalls",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[{\"maxCalls\":1,\"period\":\"0s\"}]}|period",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[{\"maxCalls\":1,\"period\":\"soon\"}]}|period",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[{\"maxCalls\":1,\"period\":\"1s\",\"size\":1}]}|size",
        "{\"name\":\"n\",\"key\":\"k\",\"limits\":[{\"maxCalls\":1,\"period\":\"1s\",\"algorithm\":\"magic\"}]}|algorithm",
        "{\"name\":\"n\",\"key\":\"k\",\"cost\":2,\"limits\":[{\"maxCalls\":1,\"period\":\"1s\"}]}|cost",
        "{\"name\":\"n\",\"key\":\"k\",\"cost\":-1,\"limits\":[{\"maxCalls\":1,\"period\":\"1s\"}]}|cost",
        "{\"name\":\"\",\"key\":\"k\",\"limits\":[{\"maxCalls\":1,\"period\":\"1s\"}]}|name",
        "{\"name\":\"n\",\"limits\":[{\"maxCalls\":1,\"period\":\"1s\"}]}|key",
      })
  void badLimitsAreRefused(String body, String argument) {
    assertBadArgument(server.post("/v1/rate-limits:acquire", body), argument);
  }

  @Test
  void lockIsHeldByOne() {
    String acquire = "{\"name\":\"l\",\"owner\":\"me\",\"ttl\":\"5m\"}";
    long token = json(server.post("/v1/locks:acquire", acquire)).path("token").longValue();
    assertProblem(server.post("/v1/locks:acquire", acquire), 409, "LOCK_HELD");
    assertThat(server.howdah().locks().tryAcquire("l", Duration.ofMinutes(5))).isEmpty();
    JsonNode listed = json(server.get("/v1/locks")).path("locks").path(0);
    assertThat(listed.path("name").stringValue()).isEqualTo("l");
    assertThat(listed.path("owner").stringValue()).isEqualTo("me");
    assertThat(listed.path("token").longValue()).isEqualTo(token);
    String renew = "{\"name\":\"l\",\"token\":" + token + ",\"ttl\":\"5m\"}";
    String release = "{\"name\":\"l\",\"token\":" + token + "}";
    assertThat(server.post("/v1/locks:renew", renew).statusCode()).isEqualTo(204);
    assertThat(server.post("/v1/locks:release", release).statusCode()).isEqualTo(204);
    assertProblem(server.post("/v1/locks:release", release), 409, "LOCK_LOST");
    assertProblem(server.post("/v1/locks:renew", renew), 409, "LOCK_LOST");
    assertBadArgument(
        server.post("/v1/locks:acquire", "{\"name\":\"l\",\"owner\":\"me\",\"ttl\":\"0s\"}"),
        "ttl");
    assertBadArgument(server.post("/v1/locks:acquire", "{\"name\":\"l\",\"ttl\":\"5m\"}"), "owner");
    assertBadArgument(server.post("/v1/locks:release", "{\"name\":\"l\"}"), "token");
  }
}
