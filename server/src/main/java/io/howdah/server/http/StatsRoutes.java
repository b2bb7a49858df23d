package io.howdah.server.http;

import io.howdah.Howdah;
import io.howdah.stats.Figure;
import io.howdah.stats.Health;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/stats}: how the tables are doing, and what is not as it should be. */
final class StatsRoutes {
  private static final String PATH = "/v1/stats";

  private final Backend backend;

  StatsRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes.get(PATH, this::show).head(PATH, this::show);
  }

  private void show(Context ctx) {
    QueryParameters.refuseAll(ctx);
    Howdah howdah = backend.howdah();
    ObjectNode answer = Json.MAPPER.createObjectNode();
    Health health = howdah.health();
    ObjectNode degraded = answer.putObject("degraded");
    health.degraded().forEach((reason, text) -> degraded.put(reason.name(), text));
    ArrayNode figures = answer.putArray("figures");
    for (Figure figure : howdah.stats().figures()) {
      ObjectNode shown =
          figures
              .addObject()
              .put("subject", figure.subject())
              .put("figure", figure.name())
              .put("value", figure.value());
      if (!figure.detail().isEmpty()) {
        shown.put("detail", figure.detail());
      }
    }
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-store")
        .result(Json.bytes(answer));
  }
}
