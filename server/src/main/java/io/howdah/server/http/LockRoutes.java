package io.howdah.server.http;

import io.howdah.lock.LockInfo;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/locks}. */
final class LockRoutes {
  private static final String PATH = "/v1/locks";
  private static final int MOST_BODY_BYTES = 1 << 16;

  private final Backend backend;

  LockRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .get(PATH, this::list)
        .head(PATH, this::list)
        .post(PATH + ":acquire", this::acquire)
        .post(PATH + ":renew", this::renew)
        .post(PATH + ":release", this::release);
  }

  private void list(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("locks");
    for (LockInfo lock : backend.howdah().locks().list()) {
      all.addObject()
          .put("name", lock.name())
          .put("owner", lock.owner())
          .put("token", lock.token())
          .put("acquiredAt", lock.acquiredAt().toString())
          .put("expiresAt", lock.expiresAt().toString());
    }
    show(ctx, answer);
  }

  private void acquire(Context ctx) {
    ObjectNode body = body(ctx, Set.of("name", "owner", "ttl"));
    String name = Members.text(body, "name");
    long token =
        backend
            .howdah()
            .locks(Members.text(body, "owner"))
            .tryAcquire(name, Members.duration(body, "ttl"))
            .orElseThrow(() -> new Problem(409, "LOCK_HELD", "somebody holds this lock"))
            .token();
    show(ctx, Json.MAPPER.createObjectNode().put("token", token));
  }

  private void renew(Context ctx) {
    ObjectNode body = body(ctx, Set.of("name", "token", "ttl"));
    kept(
        ctx,
        backend
            .howdah()
            .locks()
            .renew(
                Members.text(body, "name"),
                Members.required(body, "token"),
                Members.duration(body, "ttl")));
  }

  private void release(Context ctx) {
    ObjectNode body = body(ctx, Set.of("name", "token"));
    kept(
        ctx,
        backend
            .howdah()
            .locks()
            .release(Members.text(body, "name"), Members.required(body, "token")));
  }

  private static void kept(Context ctx, boolean held) {
    if (!held) {
      throw new Problem(409, "LOCK_LOST", "the holder of this token has lost the lock");
    }
    ctx.status(204).res().setContentType(null);
  }

  private ObjectNode body(Context ctx, Set<String> known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), known);
  }

  private static void show(Context ctx, ObjectNode answer) {
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-cache")
        .result(Json.bytes(answer));
  }
}
