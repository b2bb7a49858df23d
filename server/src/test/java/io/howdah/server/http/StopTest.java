package io.howdah.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Codec;
import io.howdah.server.ServerFixture;
import io.howdah.server.ServerSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A stop while a request is in the middle. */
final class StopTest {
  private static ServerFixture fixture;

  @BeforeAll
  static void start() {
    fixture = ServerFixture.start(StopTest.class);
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  private static HttpServer server(Duration stop) {
    HttpServer server =
        HttpServer.start(
            new ServerSettings.Http("127.0.0.1", 0),
            new HttpLimits(1_000, Duration.ofSeconds(30), stop, 1, Duration.ofSeconds(10)));
    server.ready(fixture.howdah(), new ServerInfo("howdah", 1, "18", null));
    return server;
  }

  private static void awaitNoListener(String url) {
    for (int i = 0; ; i++) {
      try (RawClient refused = new RawClient(url)) {
        assertThat(i).isLessThan(1_000);
        LockSupport.parkNanos(10_000_000);
      } catch (IOException e) {
        return;
      }
    }
  }

  @Test
  void aShortRequestComesToItsEnd() throws Exception {
    HttpServer server = server(Duration.ofSeconds(30));
    // one that is stopped has no port to tell
    String url = server.url();
    try (ErrorLog log = new ErrorLog();
        RawClient client = new RawClient(url)) {
      client.put("/v1/kv/stop/short", "Content-Length: 3");
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
      awaitNoListener(url);
      assertThat(client.send("abc").answer()).startsWith("HTTP/1.1 204");
      stopped.get(20, TimeUnit.SECONDS);
      assertThat(log.lines()).isEmpty();
    }
    assertThat(fixture.howdah().kv("stop", Codec.bytes()).exists("short")).isTrue();
  }

  @Test
  void aLongRequestIsCutOffInALine() throws Exception {
    HttpServer server = server(Duration.ofMillis(200));
    String url = server.url();
    try (ErrorLog log = new ErrorLog();
        RawClient client = new RawClient(url)) {
      client.put("/v1/kv/stop/long", "Content-Length: 3");
      server.close();
      assertThat(log.lines()).hasSize(1).first().asString().contains("200 ms").doesNotContain("\n");
      awaitNoListener(url);
    }
    assertThat(fixture.howdah().kv("stop", Codec.bytes()).exists("long")).isFalse();
  }
}
