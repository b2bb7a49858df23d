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

final class CachesTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(CachesTest.class);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<String> call(String action, String key, String more) {
    return server.post(
        "/v1/caches:" + action, "{\"name\":\"c\",\"key\":\"" + key + "\"" + more + "}");
  }

  @Test
  void aValueIsPutReadAndEvicted() {
    assertProblem(call("get", "k", ""), 404, "NOT_FOUND");
    HttpResponse<String> put =
        call("put", "k", ",\"value\":{\"n\":1.50},\"ttl\":\"1h\",\"tags\":[\"t\"]");
    assertThat(put.statusCode()).as(put.body()).isEqualTo(204);
    assertThat(call("get", "k", "").body()).isEqualTo("{\"value\":{\"n\": 1.50},\"stale\":false}");
    assertThat(server.post("/v1/caches:evict", "{\"name\":\"c\",\"tag\":\"t\"}").statusCode())
        .isEqualTo(204);
    assertProblem(call("get", "k", ""), 404, "NOT_FOUND");
    assertThat(call("put", "k", ",\"value\":null,\"ttl\":\"1h\"").statusCode()).isEqualTo(204);
    assertThat(call("get", "k", "").body()).isEqualTo("{\"value\":null,\"stale\":false}");
    assertThat(call("evict", "k", "").statusCode()).isEqualTo(204);
    assertThat(call("put", "l", ",\"value\":1,\"ttl\":\"1h\"").statusCode()).isEqualTo(204);
    assertThat(server.post("/v1/caches:clear", "{\"name\":\"c\"}").statusCode()).isEqualTo(204);
    assertProblem(call("get", "l", ""), 404, "NOT_FOUND");
  }

  @Test
  void oneClientComputes() {
    String token = json(call("begin", "cold", ",\"lease\":\"1m\"")).path("token").stringValue();
    assertThat(call("begin", "cold", "").body()).isEqualTo("{\"token\":null}");
    assertThat(
            call("end", "cold", ",\"token\":\"" + token + "\",\"value\":[1],\"ttl\":\"1h\"").body())
        .isEqualTo("{\"stored\":true}");
    assertThat(call("get", "cold", "").body()).isEqualTo("{\"value\":[1],\"stale\":false}");
    token = json(call("begin", "none", "")).path("token").stringValue();
    assertThat(call("end", "none", ",\"token\":\"" + token + "\",\"ttl\":\"1h\"").body())
        .isEqualTo("{\"stored\":true}");
    assertThat(call("get", "none", "").body()).isEqualTo("{\"empty\":true,\"stale\":false}");
    token = json(call("begin", "given-up", "")).path("token").stringValue();
    assertThat(call("abandon", "given-up", ",\"token\":\"" + token + "\"").body())
        .isEqualTo("{\"abandoned\":true}");
    assertThat(
            call("end", "given-up", ",\"token\":\"" + token + "\",\"value\":1,\"ttl\":\"1h\"")
                .body())
        .isEqualTo("{\"stored\":false}");
  }

  @Test
  void cachesAreListed() {
    server.howdah().caches().limitEntries("bounded", 10);
    assertThat(server.get("/v1/caches").body())
        .contains(
            "{\"name\":\"bounded\",\"entries\":0,\"bytes\":0,\"maxEntries\":10,\"evicted\":0,\"notifies\":false}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "get | name | {\"key\":\"k\"}",
        "get | name | {\"name\":\"\",\"key\":\"k\"}",
        "get | key | {\"name\":\"c\"}",
        "put | value | {\"name\":\"c\",\"key\":\"k\",\"ttl\":\"1h\"}",
        "put | ttl | {\"name\":\"c\",\"key\":\"k\",\"value\":1}",
        "put | ttl | {\"name\":\"c\",\"key\":\"k\",\"value\":1,\"ttl\":\"0s\"}",
        "put | tags | {\"name\":\"c\",\"key\":\"k\",\"value\":1,\"ttl\":\"1h\",\"tags\":\"t\"}",
        "put | tags | {\"name\":\"c\",\"key\":\"k\",\"value\":1,\"ttl\":\"1h\",\"tags\":[1]}",
        "evict | key | {\"name\":\"c\"}",
        "evict | key | {\"name\":\"c\",\"key\":\"k\",\"tag\":\"t\"}",
        "begin | lease | {\"name\":\"c\",\"key\":\"k\",\"lease\":\"1ms\"}",
        "end | token | {\"name\":\"c\",\"key\":\"k\",\"token\":\"x\",\"value\":1,\"ttl\":\"1h\"}",
      })
  void badInputNamesItsArgument(String action, String argument, String body) {
    assertBadArgument(server.post("/v1/caches:" + action, body), argument);
  }
}
