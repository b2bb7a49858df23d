package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class JobsTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(JobsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static long enqueue(String body) {
    return json(server.post("/v1/jobs:enqueue", body)).path("id").longValue();
  }

  private static JsonNode take(String queue) {
    return json(server.post(
            "/v1/jobs:take",
            "{\"queue\":\"" + queue + "\",\"maxRows\":10,\"lease\":\"1m\",\"worker\":\"curl\"}"))
        .path("jobs");
  }

  private static String held(JsonNode job, String more) {
    return "{\"id\":" + job.path("id") + ",\"holder\":" + job.path("holder") + more + "}";
  }

  private static JsonNode job(long id) {
    return json(server.get("/v1/jobs/" + id));
  }

  @Test
  void workerOverHttpDoesAJob() {
    long id = enqueue("{\"queue\":\"mail\",\"payload\":{\"to\":\"ann\"},\"priority\":-5}");
    assertThat(job(id).path("state").stringValue()).isEqualTo("waiting");
    JsonNode taken = take("mail").path(0);
    assertThat(taken.path("id").longValue()).isEqualTo(id);
    assertThat(taken.path("payload").path("to").stringValue()).isEqualTo("ann");
    assertThat(taken.path("priority").intValue()).isEqualTo(-5);
    assertThat(taken.path("attempt").intValue()).isEqualTo(1);
    assertThat(take("mail").isEmpty()).isTrue();
    String renew = held(taken, ",\"lease\":\"5m\"");
    assertThat(server.post("/v1/jobs:heartbeat", renew).statusCode()).isEqualTo(204);
    assertThat(server.post("/v1/jobs:complete", held(taken, "")).statusCode()).isEqualTo(204);
    assertProblem(server.post("/v1/jobs:complete", held(taken, "")), 409, "JOB_LOST");
    assertProblem(server.post("/v1/jobs:heartbeat", renew), 409, "JOB_LOST");
    assertThat(job(id).path("state").stringValue()).isEqualTo("completed");
  }

  @Test
  void failedJobIsRetriedAndCancelled() {
    long id = enqueue("{\"queue\":\"fails\",\"payload\":1,\"maxAttempts\":3}");
    JsonNode first = take("fails").path(0);
    assertThat(
            server
                .post("/v1/jobs:fail", held(first, ",\"error\":\"no\",\"retryIn\":\"1h\""))
                .statusCode())
        .isEqualTo(204);
    assertThat(job(id).path("error").stringValue()).isEqualTo("no");
    assertThat(server.post("/v1/jobs:cancel", "{\"id\":" + id + "}").statusCode()).isEqualTo(204);
    assertProblem(server.post("/v1/jobs:cancel", "{\"id\":" + id + "}"), 404, "NOT_FOUND");
    assertThat(server.post("/v1/jobs:retry", "{\"id\":" + id + "}").statusCode()).isEqualTo(204);
    JsonNode second = take("fails").path(0);
    assertThat(server.post("/v1/jobs:release", held(second, "")).statusCode()).isEqualTo(204);
    JsonNode third = take("fails").path(0);
    assertThat(server.post("/v1/jobs:fail", held(third, ",\"error\":\"never\"")).statusCode())
        .isEqualTo(204);
    JsonNode dead = json(server.get("/v1/jobs?queue=fails&state=dead&limit=5")).path("jobs");
    assertThat(dead.size()).isEqualTo(1);
    assertThat(dead.path(0).path("maxAttempts").intValue()).isEqualTo(3);
    JsonNode counts = json(server.post("/v1/jobs:counts", "{\"queue\":\"fails\"}")).path("counts");
    assertThat(counts.path(0).path("state").stringValue()).isEqualTo("dead");
    assertThat(counts.path(0).path("jobs").longValue()).isEqualTo(1);
  }

  @Test
  void uniqueKeyAndTimesAreKept() {
    String body = "{\"queue\":\"later\",\"payload\":null,\"uniqueKey\":\"k\",\"delay\":\"1h\"}";
    long id = enqueue(body);
    assertProblem(server.post("/v1/jobs:enqueue", body), 409, "JOB_EXISTS");
    assertThat(take("later").isEmpty()).isTrue();
    assertThat(job(id).path("uniqueKey").stringValue()).isEqualTo("k");
    long at = enqueue("{\"queue\":\"later\",\"payload\":[],\"runAt\":\"2068-01-01T00:00:00Z\"}");
    assertThat(job(at).path("runAt").stringValue()).isEqualTo("2068-01-01T00:00:00Z");
    JsonNode page = json(server.get("/v1/jobs?queue=later&after=" + id)).path("jobs");
    assertThat(page.size()).isEqualTo(1);
    assertProblem(server.get("/v1/jobs/999999999"), 404, "NOT_FOUND");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ":enqueue|{\"payload\":1}|queue",
        ":enqueue|{\"queue\":\"\",\"payload\":1}|queue",
        ":enqueue|{\"queue\":\"q\"}|payload",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"priority\":101}|priority",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"priority\":1.5}|priority",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"maxAttempts\":0}|maxAttempts",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"delay\":\"soon\"}|delay",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"runAt\":\"soon\"}|runAt",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"delay\":\"1s\",\"runAt\":\"2068-01-01T00:00:00Z\"}|delay",
        ":enqueue|{\"queue\":\"q\",\"payload\":1,\"urgent\":true}|urgent",
        ":take|{\"queue\":\"q\",\"lease\":\"1m\"}|worker",
        ":take|{\"queue\":\"q\",\"lease\":\"2d\",\"worker\":\"w\"}|lease",
        ":take|{\"queue\":\"q\",\"lease\":\"1m\",\"worker\":\"w\",\"maxRows\":101}|maxRows",
        ":heartbeat|{\"id\":1,\"holder\":\"w\"}|lease",
        ":complete|{\"id\":1}|holder",
        ":complete|{\"holder\":\"w\"}|id",
        ":fail|{\"id\":1,\"holder\":\"w\"}|error",
        ":cancel|{}|id",
      })
  void badInputIsRefused(String path, String body, String argument) {
    assertBadArgument(server.post("/v1/jobs" + path, body), argument);
  }

  @Test
  void badPagesAndLargePayloadsAreRefused() {
    assertBadArgument(server.get("/v1/jobs"), "queue");
    assertBadArgument(server.get("/v1/jobs?queue=q&state=lost"), "state");
    assertBadArgument(server.get("/v1/jobs?queue=q&after=x"), "after");
    assertBadArgument(server.get("/v1/jobs?queue=q&limit=101"), "limit");
    assertBadArgument(server.get("/v1/jobs/x"), "id");
    String large = "{\"queue\":\"q\",\"payload\":\"" + "x".repeat(1 << 20) + "\"}";
    assertBadArgument(server.post("/v1/jobs:enqueue", large), "payload");
    String larger = "{\"queue\":\"q\",\"payload\":\"" + "x".repeat(2 << 20) + "\"}";
    assertProblem(server.post("/v1/jobs:enqueue", larger), 413, "CONTENT_TOO_LARGE");
  }
}
