package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class UnavailableTest {
  private static ServerFixture server;

  @BeforeAll
  static void start() {
    server = ServerFixture.start(UnavailableTest.class, Duration.ofSeconds(2));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aWriteThatGetsNoAnswerSaysWhatIsKnownOfIt() {
    assertThat(server.put("/v1/kv/n/held", "1").statusCode()).isEqualTo(204);
    AtomicReference<String> outcome = new AtomicReference<>();
    server
        .howdah()
        .transaction(holder -> {
          holder.kv("n", Integer.class).set("held", 2);
          HttpResponse<String> refused = server.put("/v1/kv/n/held", "3");
          // Which of the two depends on whether the engine was just trying again.
          String code = refused.body().contains("LOCKED") ? "LOCKED" : "TIMEOUT";
          outcome.set(assertProblem(refused, 503, code).path("outcome").stringValue());
          assertThat(refused.headers().firstValue("Retry-After")).isPresent();
          // Neither readers nor strangers wait.
          assertThat(server.get("/v1/kv/n/held").body()).isEqualTo("1");
          assertThat(server.put("/v1/kv/n/free", "1").statusCode()).isEqualTo(204);
        });
    assertThat(outcome.get()).isIn("NOT_APPLIED", "UNKNOWN");
    if (outcome.get().equals("NOT_APPLIED")) {
      assertThat(server.get("/v1/kv/n/held").body()).isEqualTo("2");
    }
  }

  @Tag("full")
  @Test
  void manyClientsAtOnceAreServed() throws Exception {
    try (ServerFixture patient =
        ServerFixture.start(UnavailableTest.class, Duration.ofSeconds(60))) {
      manyClientsAtOnceAreServed(patient);
    }
  }

  private static void manyClientsAtOnceAreServed(ServerFixture server) throws Exception {
    int clients = 64;
    int rounds = 20;
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        String path = "/v1/kv/many/" + i;
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    assertThat(server.put(path, Integer.toString(round)).statusCode())
                        .isEqualTo(204);
                    assertThat(server.get(path).body()).isEqualTo(Integer.toString(round));
                  }
                },
                threads));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
    assertThat(server.howdah().kv("many", Integer.class).count("")).isEqualTo(clients);
  }
}
