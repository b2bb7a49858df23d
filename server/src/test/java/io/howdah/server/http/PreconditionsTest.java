package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ProblemAssert.assertProblem;
import static io.howdah.server.ServerFixture.etag;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PreconditionsTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(PreconditionsTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static int value(String key) {
    return server.howdah().kv("p", Integer.class).get(key).orElseThrow();
  }

  @Test
  void ifMatchReplacesThatVersionOnly() {
    String first = etag(server.put("/v1/kv/p/cas", "1"));
    HttpResponse<String> second = server.put("/v1/kv/p/cas", "2", "If-Match", first);
    assertThat(second.statusCode()).isEqualTo(204);
    assertProblem(server.put("/v1/kv/p/cas", "3", "If-Match", first), 412, "PRECONDITION_FAILED");
    assertThat(value("cas")).isEqualTo(2);
    assertThat(etag(server.get("/v1/kv/p/cas"))).isEqualTo(etag(second));
  }

  @Test
  void ifMatchOfAnAbsentValueFails() {
    assertProblem(
        server.put("/v1/kv/p/absent", "1", "If-Match", "\"1\""), 412, "PRECONDITION_FAILED");
    assertProblem(server.put("/v1/kv/p/absent", "1", "If-Match", "*"), 412, "PRECONDITION_FAILED");
    assertThat(server.get("/v1/kv/p/absent").statusCode()).isEqualTo(404);
  }

  @Test
  void ifMatchAnyReplacesWhatIsThere() {
    var unused = server.put("/v1/kv/p/replace", "1");
    assertThat(server.put("/v1/kv/p/replace", "2", "If-Match", "*").statusCode()).isEqualTo(204);
    assertThat(value("replace")).isEqualTo(2);
  }

  @Test
  void ifNoneMatchAnyCreates() {
    HttpResponse<String> created = server.put("/v1/kv/p/create", "1", "If-None-Match", "*");
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(etag(server.get("/v1/kv/p/create"))).isEqualTo(etag(created));
    assertProblem(
        server.put("/v1/kv/p/create", "2", "If-None-Match", "*"), 412, "PRECONDITION_FAILED");
    assertThat(value("create")).isEqualTo(1);
  }

  @Test
  void deleteTakesIfMatch() {
    String version = etag(server.put("/v1/kv/p/delete", "1"));
    assertProblem(
        server.send(server.request("/v1/kv/p/delete").DELETE().header("If-Match", "\"1\"")),
        412,
        "PRECONDITION_FAILED");
    assertThat(value("delete")).isEqualTo(1);
    assertThat(
            server
                .send(server.request("/v1/kv/p/delete").DELETE().header("If-Match", version))
                .statusCode())
        .isEqualTo(204);
    assertProblem(
        server.send(server.request("/v1/kv/p/delete").DELETE().header("If-Match", "*")),
        412,
        "PRECONDITION_FAILED");
    var unused = server.put("/v1/kv/p/delete", "1");
    assertThat(
            server
                .send(server.request("/v1/kv/p/delete").DELETE().header("If-Match", "*"))
                .statusCode())
        .isEqualTo(204);
  }

  @Test
  void getAnswersNotModifiedToWhoHasTheVersion() {
    String version = etag(server.put("/v1/kv/p/get", "1"));
    for (String known : List.of(version, "W/" + version, "\"7\", " + version, "*")) {
      HttpResponse<String> get =
          server.send(server.request("/v1/kv/p/get").header("If-None-Match", known));
      assertThat(get.statusCode()).as(known).isEqualTo(304);
      assertThat(get.body()).isEmpty();
      assertThat(etag(get)).isEqualTo(version);
    }
    assertThat(
            server
                .send(server.request("/v1/kv/p/get").header("If-None-Match", "\"7\""))
                .statusCode())
        .isEqualTo(200);
  }

  /** They are well-formed tags, of somebody else's values. */
  @ParameterizedTest
  @ValueSource(strings = {"\"abc\"", "W/\"1\"", "\"-1\"", "\"99999999999999999999\"", "\"\""})
  void foreignTagsMatchNothing(String tag) {
    var unused = server.put("/v1/kv/p/foreign", "1");
    assertProblem(server.put("/v1/kv/p/foreign", "2", "If-Match", tag), 412, "PRECONDITION_FAILED");
    assertThat(value("foreign")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "abc", "\"1\", \"2\"", "\"1"})
  void malformedTagsAreAnError(String tag) {
    var unused = server.put("/v1/kv/p/malformed", "1");
    assertBadArgument(server.put("/v1/kv/p/malformed", "2", "If-Match", tag), "If-Match");
    assertThat(value("malformed")).isEqualTo(1);
  }

  @Test
  void preconditionsThatMakeNoSenseAreAnError() {
    assertBadArgument(server.put("/v1/kv/p/x", "1", "If-None-Match", "\"1\""), "If-None-Match");
    assertBadArgument(
        server.put("/v1/kv/p/x", "1", "If-None-Match", "*", "If-Match", "*"), "If-Match");
    assertBadArgument(
        server.send(server.request("/v1/kv/p/x").DELETE().header("If-None-Match", "*")),
        "If-None-Match");
    assertThat(server.get("/v1/kv/p/x").statusCode()).isEqualTo(404);
  }

  @Test
  void ofManyWhoReplaceTheSameVersionOneWins() throws Exception {
    String version = etag(server.put("/v1/kv/p/race", "0"));
    assertOneWinner(
        32, i -> server.put("/v1/kv/p/race", Integer.toString(i), "If-Match", version), 204);
  }

  @Test
  void ofManyWhoCreateOneWins() throws Exception {
    assertOneWinner(
        32, i -> server.put("/v1/kv/p/first", Integer.toString(i), "If-None-Match", "*"), 201);
  }

  private interface Attempt {
    HttpResponse<String> make(int number);
  }

  private static void assertOneWinner(int callers, Attempt attempt, int success) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 1; i <= callers; i++) {
        int number = i;
        answers.add(threads.submit(() -> attempt.make(number)));
      }
      int winner = 0;
      HttpResponse<String> won = null;
      for (int i = 1; i <= callers; i++) {
        HttpResponse<String> answer = answers.get(i - 1).get();
        assertThat(answer.statusCode()).isIn(success, 412);
        if (answer.statusCode() == success) {
          assertThat(won).as("a second winner").isNull();
          won = answer;
          winner = i;
        }
      }
      HttpResponse<String> after = server.get(won.uri().getPath());
      assertThat(after.body()).isEqualTo(Integer.toString(winner));
      assertThat(etag(after)).isEqualTo(etag(won));
    } finally {
      threads.shutdownNow();
    }
  }
}
