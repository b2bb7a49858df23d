package io.howdah.server;

import io.howdah.Howdah;
import io.howdah.schema.SchemaMode;
import io.howdah.server.ServerSettings.Database;
import io.howdah.server.ServerSettings.Http;
import io.howdah.server.ServerSettings.Library;
import io.howdah.testing.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server on the shared Postgres, in a schema of its own, with the library beside it and a client
 * in front.
 */
public final class ServerFixture implements AutoCloseable {
  private final HowdahServer server;
  private final Howdah howdah;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ServerFixture(HowdahServer server, Howdah howdah) {
    this.server = server;
    this.howdah = howdah;
  }

  public static ServerFixture start(Class<?> testClass) {
    return start(testClass, Duration.ofSeconds(30)); // also where the machine is busy
  }

  public static ServerFixture start(Class<?> testClass, Duration callTimeout) {
    String schema = TestPostgres.freshSchema(testClass);
    HowdahServer server =
        new HowdahServer(
            new ServerSettings(
                new Http("localhost", 0),
                new Database.External(DatabaseUrl.parse(TestPostgres.url())),
                new Library(schema, SchemaMode.MIGRATE, null, callTimeout)),
            line -> {});
    server.start();
    return new ServerFixture(
        server,
        Howdah.builder(TestPostgres.url())
            .schema(schema)
            .callTimeout(Duration.ofSeconds(30))
            .open());
  }

  public Howdah howdah() {
    return howdah;
  }

  public String url() {
    return server.url();
  }

  public int port() {
    return URI.create(server.url()).getPort();
  }

  public HttpRequest.Builder request(String pathAndQuery) {
    return HttpRequest.newBuilder(URI.create(server.url() + pathAndQuery));
  }

  public HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  public <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
    try {
      return client.send(request.build(), body);
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  public HttpResponse<String> get(String pathAndQuery) {
    return send(request(pathAndQuery));
  }

  public HttpResponse<String> delete(String pathAndQuery) {
    return send(request(pathAndQuery).DELETE());
  }

  public HttpResponse<String> put(String pathAndQuery, String json, String... headers) {
    HttpRequest.Builder request =
        request(pathAndQuery)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  public HttpResponse<String> post(String pathAndQuery, String json) {
    return send(
        request(pathAndQuery)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  /** Sends what no client would. */
  public String sendRaw(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  public String sendRaw(String... lines) throws IOException {
    return sendRaw(
        (String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
  }

  public static JsonNode json(HttpResponse<String> response) {
    return JsonMapper.shared().readTree(response.body());
  }

  public static String etag(HttpResponse<?> response) {
    return response.headers().firstValue("ETag").orElseThrow();
  }

  @Override
  public void close() {
    howdah.close();
    server.close();
  }
}
