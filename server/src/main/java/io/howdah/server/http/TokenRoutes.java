package io.howdah.server.http;

import io.howdah.token.TokenGrant;
import io.howdah.token.Tokens;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/tokens}: one-time tokens. A token stands in bodies only, never in a URL. */
final class TokenRoutes {
  private static final String PATH = "/v1/tokens";
  private static final int MOST_BODY_BYTES = 1 << 20;

  private final Backend backend;

  TokenRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .post(PATH, this::issue)
        .post(PATH + ":peek", this::peek)
        .post(PATH + ":consume", this::consume)
        .post(PATH + ":revoke", this::revoke);
  }

  private ObjectNode body(Context ctx, String... known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(
        RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), Set.of(known));
  }

  private void issue(Context ctx) {
    ObjectNode body = body(ctx, "purpose", "subject", "ttl", "payload");
    Duration ttl = Members.duration(body, "ttl");
    String payload = Members.json(body, "payload");
    backend.answer(
        ctx,
        () ->
            tokens()
                .async()
                .issueJson(
                    Members.text(body, "purpose"),
                    Members.text(body, "subject"),
                    ttl,
                    payload == null ? "{}" : payload),
        issued ->
            Answers.secret(
                ctx.status(201),
                Json.MAPPER
                    .createObjectNode()
                    .put("token", issued.token())
                    .put("expiresAt", issued.expiresAt().toString())));
  }

  private void peek(Context ctx) {
    ObjectNode body = body(ctx, "purpose", "token");
    backend.answer(
        ctx,
        () -> tokens().async().peek(Members.text(body, "purpose"), Members.text(body, "token")),
        grant -> show(ctx, grant));
  }

  private void consume(Context ctx) {
    ObjectNode body = body(ctx, "purpose", "token");
    backend.answer(
        ctx,
        () -> tokens().async().consume(Members.text(body, "purpose"), Members.text(body, "token")),
        grant -> show(ctx, grant));
  }

  private void revoke(Context ctx) {
    ObjectNode body = body(ctx, "purpose", "subject");
    backend.answer(
        ctx,
        () -> tokens().async().revoke(Members.text(body, "purpose"), Members.text(body, "subject")),
        revoked -> Answers.json(ctx, Json.MAPPER.createObjectNode().put("revoked", revoked)));
  }

  private static void show(Context ctx, Optional<TokenGrant> found) {
    TokenGrant grant =
        found.orElseThrow(() ->
            Problem.notFound("there is no such token for this purpose: it is used, or has ended"));
    ObjectNode answer = Json.MAPPER.createObjectNode().put("subject", grant.subject());
    Answers.secret(ctx, answer.putRawValue("payload", Answers.raw(grant.json())));
  }

  private Tokens tokens() {
    return backend.howdah().tokens();
  }
}
