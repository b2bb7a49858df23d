package io.howdah.server.http;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.ObjectNode;

/** {@code /health/live}: the process answers. {@code /health/ready}: so does the database. */
final class HealthRoutes {
  private static final Duration DEADLINE = Duration.ofSeconds(2);

  private final Backend backend;

  HealthRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes.get("/health/live", this::live).head("/health/live", this::live);
    routes.get("/health/ready", this::ready).head("/health/ready", this::ready);
  }

  private void live(Context ctx) {
    write(ctx, Json.MAPPER.createObjectNode().put("status", "live"));
  }

  private void ready(Context ctx) {
    Howdah howdah = backend.howdah();
    backend.answer(
        ctx,
        () -> check(howdah),
        unused -> {
          ServerInfo info = backend.info();
          ObjectNode status =
              Json.MAPPER
                  .createObjectNode()
                  .put("status", "ready")
                  .put("schema", info.schema())
                  .put("schemaVersion", info.schemaVersion())
                  .put("postgresVersion", info.postgresVersion());
          if (info.jdbcUrl() != null) {
            status.put("jdbcUrl", info.jdbcUrl());
          }
          write(ctx, status);
        });
  }

  /**
   * A real call, through the library's own connections and functions. What it finds does not
   * matter.
   */
  static CompletableFuture<Boolean> check(Howdah howdah) {
    return howdah
        .kv("howdah.health", Codec.rawJson())
        .async()
        .exists("ready")
        .toCompletableFuture()
        .orTimeout(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void write(Context ctx, ObjectNode status) {
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-store")
        .result(Json.bytes(status));
  }
}
