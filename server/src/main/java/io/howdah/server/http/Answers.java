package io.howdah.server.http;

import io.javalin.http.Context;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.util.RawValue;

/** How answers are written. */
final class Answers {
  private Answers() {}

  static void json(Context ctx, JsonNode answer) {
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-cache")
        .result(Json.bytes(answer));
  }

  /** With something in it that nobody on the way may keep. */
  static void secret(Context ctx, JsonNode answer) {
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-store")
        .result(Json.bytes(answer));
  }

  static void empty(Context ctx) {
    ctx.status(204).res().setContentType(null); // Javalin presumes text
  }

  /** JSON as the database has it. */
  static RawValue raw(String json) {
    return new RawValue(json);
  }
}
