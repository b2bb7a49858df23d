package io.howdah.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A {@code howdah serve} on this machine, with an embedded Postgres.
 *
 * @param httpUrl where it serves
 * @param jdbcUrl where its Postgres is
 * @param schema the schema that it uses
 */
record RunningServer(String httpUrl, String jdbcUrl, String schema) {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final List<String> ADDRESSES = List.of("127.0.0.1", "[::1]");

  /**
   * Whoever has the port may answer: records go nowhere but to this machine, and the driver gets no
   * parameters that would load classes or files.
   */
  private static final Pattern EXPECTED =
      Pattern.compile(
          "jdbc:postgresql://(127\\.0\\.0\\.1|localhost|\\[::1\\]):\\d{1,5}/[\\w-]+\\?user=[\\w-]+");

  /**
   * The one on a port of HTTP; empty when there is none, or when its database is another one.
   *
   * @throws CommandFailure when what answers is no such server
   */
  static Optional<RunningServer> on(int httpPort) {
    return ADDRESSES.stream()
        .map(address -> at("http://" + address + ":" + httpPort))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<RunningServer> at(String httpUrl) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(httpUrl + "/health/ready")).timeout(PATIENCE).build();
    JsonNode status;
    try {
      status = JsonMapper.shared().readTree(client.send(request, BodyHandlers.ofString()).body());
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    String jdbcUrl = status.path("jdbcUrl").asString("");
    if (jdbcUrl.isEmpty()) {
      return Optional.empty();
    }
    if (!EXPECTED.matcher(jdbcUrl).matches()) {
      throw new CommandFailure(
          "what answers at "
              + httpUrl
              + " names a database that is none of a 'howdah serve' on this machine; name the database with --database-url");
    }
    return Optional.of(
        new RunningServer(httpUrl, jdbcUrl, status.path("schema").asString("howdah")));
  }
}
