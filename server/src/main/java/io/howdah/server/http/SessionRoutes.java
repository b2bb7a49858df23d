package io.howdah.server.http;

import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import io.howdah.server.DurationText;
import io.howdah.session.AsyncSessions;
import io.howdah.session.Session;
import io.howdah.session.SessionRequest;
import io.howdah.session.SessionSettings;
import io.howdah.session.SessionSettings.OnFull;
import io.howdah.session.SessionSettingsChange;
import io.howdah.session.Sessions;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/sessions}: the sessions of users. The session of a request is named by its token, in
 * the header {@value #TOKEN}; a token stands in no URL, where logs would have it.
 */
final class SessionRoutes {
  static final String TOKEN = "Howdah-Session";

  private static final String PATH = "/v1/sessions";
  private static final String CURRENT = PATH + "/current";
  private static final int MOST_BODY_BYTES = 2 << 20;
  private static final int MOST_FOUND = 1_000;

  private final Backend backend;

  SessionRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .post(PATH, this::create)
        .get(PATH, this::list)
        .head(PATH, this::list)
        .delete(PATH, this::revokeUser)
        .post(PATH + ":find", this::find)
        .get(PATH + ":count", this::count)
        .get(PATH + ":settings", this::settings)
        .patch(PATH + ":settings", this::configure)
        .get(CURRENT, this::get)
        .head(CURRENT, this::get)
        .patch(CURRENT, this::set)
        .delete(CURRENT, this::revoke)
        .post(CURRENT + ":touch", this::touch)
        .post(CURRENT + ":rotate", this::rotate)
        .delete(PATH + "/{handle}", this::revokeHandle);
  }

  private Sessions sessions() {
    return backend.howdah().sessions();
  }

  private AsyncSessions async() {
    return sessions().async();
  }

  private static String token(Context ctx) {
    String token = ctx.req().getHeader(TOKEN);
    if (token == null || !Sessions.isWellFormed(token)) {
      throw new InvalidArgumentException(
          TOKEN, TOKEN + ": a header with the token of the session expected, 43 characters");
    }
    return token;
  }

  private ObjectNode body(Context ctx, String... known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(
        RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), Set.of(known));
  }

  private void create(Context ctx) {
    ObjectNode body = body(ctx, "userId", "data", "idle", "lifetime", "ip", "userAgent");
    SessionRequest request =
        new SessionRequest(
            Members.textOrNull(body, "userId"),
            Map.of(),
            Members.isSet(body, "data") ? Members.json(body, "data") : null,
            Members.durationOrNull(body, "idle"),
            Members.durationOrNull(body, "lifetime"),
            Members.textOrNull(body, "ip"),
            Members.textOrNull(body, "userAgent"));
    backend.answer(
        ctx,
        () -> async().create(request),
        created -> {
          ObjectNode answer = Json.MAPPER.createObjectNode().put("token", created.token());
          answer.set("session", show(created.session()));
          Answers.secret(ctx.status(201), answer);
        });
  }

  private void get(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String token = token(ctx);
    backend.answer(ctx, () -> async().get(token), found -> showCurrent(ctx, found));
  }

  private void touch(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String token = token(ctx);
    backend.answer(ctx, () -> async().touch(token), found -> showCurrent(ctx, found));
  }

  private void set(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String token = token(ctx);
    String patch = RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight());
    backend.answer(ctx, () -> async().setJson(token, patch), there -> doneOrAbsent(ctx, there));
  }

  private void rotate(Context ctx) {
    String token = token(ctx);
    String userId = Members.textOrNull(body(ctx, "userId"), "userId");
    backend.answer(
        ctx,
        () -> userId == null ? async().rotate(token) : async().rotate(token, userId),
        fresh ->
            Answers.secret(
                ctx,
                Json.MAPPER
                    .createObjectNode()
                    .put("token", fresh.orElseThrow(SessionRoutes::absent))));
  }

  private void revoke(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String token = token(ctx);
    backend.answer(ctx, () -> async().revoke(token), there -> doneOrAbsent(ctx, there));
  }

  private static String userId(Context ctx) {
    return QueryParameters.of(ctx, "userId")
        .get("userId")
        .orElseThrow(
            () -> new InvalidArgumentException("userId", "userId: a user expected, as ?userId="));
  }

  private void list(Context ctx) {
    String userId = userId(ctx);
    backend.answer(ctx, () -> async().list(userId), listed -> showAll(ctx, listed));
  }

  private void revokeUser(Context ctx) {
    String userId = userId(ctx);
    String except = ctx.req().getHeader(TOKEN) == null ? null : token(ctx);
    backend.answer(
        ctx,
        () -> except == null ? async().revokeUser(userId) : async().revokeOthers(userId, except),
        revoked -> Answers.json(ctx, Json.MAPPER.createObjectNode().put("revoked", revoked)));
  }

  private void revokeHandle(Context ctx) {
    String userId = userId(ctx);
    UUID handle = handle(ctx.pathParam("handle"));
    backend.answer(
        ctx, () -> async().revokeHandle(userId, handle), there -> doneOrAbsent(ctx, there));
  }

  /** Java's own parser takes more than the form that it writes. */
  private static UUID handle(String text) {
    try {
      UUID handle = UUID.fromString(text);
      if (handle.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return handle;
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidArgumentException("handle", "handle: that of a session expected", e);
    }
    throw new InvalidArgumentException("handle", "handle: that of a session expected");
  }

  private void find(Context ctx) {
    ObjectNode body = body(ctx, "contains", "limit");
    String contains = Members.json(body, "contains");
    Long limit = Members.count(body, "limit");
    if (limit != null && limit > MOST_FOUND) {
      throw new InvalidArgumentException("limit", "limit: 1 to " + MOST_FOUND + " expected");
    }
    if (contains == null) {
      throw new InvalidArgumentException("contains", "contains: a JSON object expected");
    }
    backend.answer(
        ctx,
        () -> async().find(contains, limit == null ? 100 : limit.intValue()),
        found -> showAll(ctx, found));
  }

  private void count(Context ctx) {
    Optional<String> userId = QueryParameters.of(ctx, "userId").get("userId");
    backend.answer(
        ctx,
        () -> userId.isPresent() ? async().count(userId.get()) : async().count(),
        count -> Answers.json(ctx, Json.MAPPER.createObjectNode().put("count", count)));
  }

  private void settings(Context ctx) {
    QueryParameters.refuseAll(ctx);
    Answers.json(ctx, show(sessions().settings()));
  }

  /** Changes what the body names; 0 for no bound and no events. */
  private void configure(Context ctx) {
    ObjectNode body =
        body(
            ctx,
            "durability",
            "idle",
            "lifetime",
            "touchInterval",
            "maxPerUser",
            "onFull",
            "keepEvents");
    sessions()
        .configure(
            new SessionSettingsChange(
                durability(Members.textOrNull(body, "durability")),
                Members.durationOrNull(body, "idle"),
                Members.durationOrNull(body, "lifetime"),
                Members.durationOrNull(body, "touchInterval"),
                bound(body),
                onFull(Members.textOrNull(body, "onFull")),
                Members.durationOrNull(body, "keepEvents")));
    Answers.json(ctx, show(sessions().settings()));
  }

  /** Null when it is not set, 0 for none. */
  private static @Nullable Integer bound(ObjectNode body) {
    JsonNode node = body.path("maxPerUser");
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
      throw new InvalidArgumentException("maxPerUser", "maxPerUser: an integer from 0 on expected");
    }
    return node.intValue();
  }

  private static @Nullable Durability durability(@Nullable String name) {
    return name == null ? null : Members.durability(name);
  }

  private static @Nullable OnFull onFull(@Nullable String name) {
    if (name == null) {
      return null;
    }
    return switch (name) {
      case "evict" -> OnFull.EVICT;
      case "refuse" -> OnFull.REFUSE;
      default ->
          throw new InvalidArgumentException(
              "onFull", "onFull: evict or refuse expected, got '" + name + "'");
    };
  }

  private static ObjectNode show(SessionSettings settings) {
    Duration keep = settings.keepEvents();
    return Json.MAPPER
        .createObjectNode()
        .put("durability", settings.durability().sqlName())
        .put("idle", DurationText.format(settings.idle()))
        .put("lifetime", DurationText.format(settings.lifetime()))
        .put("touchInterval", DurationText.format(settings.touchInterval()))
        .put("maxPerUser", Objects.requireNonNullElse(settings.maxPerUser(), 0))
        .put("onFull", settings.onFull().name().toLowerCase(Locale.ROOT))
        .put("keepEvents", DurationText.format(keep == null ? Duration.ZERO : keep));
  }

  private static ObjectNode show(Session session) {
    ObjectNode shown = Json.MAPPER.createObjectNode();
    return shown
        .put("handle", session.handle().toString())
        .put("userId", session.userId().orElse(null))
        .putRawValue("data", Answers.raw(session.json()))
        .put("createdAt", session.createdAt().toString())
        .put("lastAccessedAt", session.lastAccessedAt().toString())
        .put("expiresAt", session.expiresAt().toString())
        .put("ip", session.ip().orElse(null))
        .put("userAgent", session.userAgent().orElse(null));
  }

  private static void showCurrent(Context ctx, Optional<Session> found) {
    Answers.secret(ctx, show(found.orElseThrow(SessionRoutes::absent)));
  }

  private static void showAll(Context ctx, List<Session> sessions) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("sessions");
    sessions.forEach(session -> all.add(show(session)));
    Answers.secret(ctx, answer);
  }

  private static void doneOrAbsent(Context ctx, boolean there) {
    if (!there) {
      throw absent();
    }
    Answers.empty(ctx);
  }

  private static Problem absent() {
    return Problem.notFound("there is no such session: it has ended, or was revoked");
  }
}
