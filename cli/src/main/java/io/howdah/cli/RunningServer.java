package io.howdah.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@code howdah serve} on this machine, with an embedded Postgres.
 *
 * @param jdbcUrl where that is
 * @param schema the schema that it uses
 */
record RunningServer(String jdbcUrl, String schema) {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** The one on a port of HTTP; empty when there is none, or when its database is another one. */
  static Optional<RunningServer> on(int httpPort) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/health/ready"))
            .timeout(PATIENCE)
            .build();
    try {
      JsonNode status =
          JsonMapper.shared().readTree(client.send(request, BodyHandlers.ofString()).body());
      String jdbcUrl = status.path("jdbcUrl").asString("");
      return jdbcUrl.isEmpty()
          ? Optional.empty()
          : Optional.of(new RunningServer(jdbcUrl, status.path("schema").asString("howdah")));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
