package io.howdah.server.http;

import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import io.howdah.kv.KvLimits;
import io.howdah.kv.NamespaceSettings;
import io.howdah.kv.NamespaceSettings.OnFull;
import io.howdah.kv.Namespaces;
import io.howdah.server.DurationText;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/namespaces}: how namespaces keep their values. */
final class NamespaceRoutes {
  private static final String PATH = "/v1/namespaces";
  private static final String MOVE = ":move";
  private static final int MOST_BODY_BYTES = 1 << 16;

  /** What Postgres counts in. */
  private static final Duration SHORTEST_TTL = Duration.of(1, ChronoUnit.MICROS);

  private final Backend backend;

  NamespaceRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes.get(PATH, this::list).head(PATH, this::list);
    String named = PATH + "/{name}";
    routes.put(named, this::create).delete(named, this::drop).post(named, this::move);
  }

  private void list(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("namespaces");
    for (Namespaces.Namespace namespace : backend.howdah().namespaces().list()) {
      ObjectNode shown = show(all.addObject(), namespace.name(), namespace.settings());
      shown.put("registered", namespace.isRegistered());
      namespace
          .createdAt()
          .ifPresentOrElse(
              at -> shown.put("createdAt", at.toString()), () -> shown.putNull("createdAt"));
    }
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-cache")
        .result(Json.bytes(answer));
  }

  private static ObjectNode show(ObjectNode node, String name, NamespaceSettings settings) {
    Duration ttl = settings.defaultTtl();
    return node.put("name", name)
        .put("durability", settings.durability().sqlName())
        .put("searchable", settings.searchable())
        .put("defaultTtl", ttl == null ? null : DurationText.format(ttl))
        .put("maxEntries", settings.maxEntries())
        .put("maxBytes", settings.maxBytes())
        .put("onFull", settings.onFull().name().toLowerCase(Locale.ROOT));
  }

  private static String name(Context ctx, String suffix) {
    String raw = ctx.path().substring(PATH.length() + 1);
    return PercentDecoding.path("namespace", raw.substring(0, raw.length() - suffix.length()));
  }

  private void create(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String name = name(ctx, "");
    ObjectNode body =
        Json.readObject(
            RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()),
            Set.of("durability", "searchable", "defaultTtl", "maxEntries", "maxBytes", "onFull"));
    NamespaceSettings settings =
        new NamespaceSettings(
            Members.durability(
                body.path("durability").isMissingNode()
                    ? "ephemeral"
                    : Members.text(body, "durability")),
            Members.flag(body, "searchable"),
            Members.isSet(body, "defaultTtl") ? ttl(Members.text(body, "defaultTtl")) : null,
            Members.count(body, "maxEntries"),
            Members.count(body, "maxBytes"),
            Members.isSet(body, "onFull") ? onFull(Members.text(body, "onFull")) : OnFull.EVICT);
    ctx.status(backend.howdah().namespaces().create(name, settings) ? 201 : 200);
    ctx.contentType(RequestBody.JSON)
        .result(Json.bytes(show(Json.MAPPER.createObjectNode(), name, kept(settings))));
  }

  /** A searchable namespace lives in a logged table. */
  private static NamespaceSettings kept(NamespaceSettings asked) {
    return asked.searchable() && asked.durability() == Durability.EPHEMERAL
        ? new NamespaceSettings(
            Durability.RELAXED,
            true,
            asked.defaultTtl(),
            asked.maxEntries(),
            asked.maxBytes(),
            asked.onFull())
        : asked;
  }

  private void move(Context ctx) {
    if (!ctx.path().endsWith(MOVE)) {
      throw Problem.methodNotAllowed("PUT, DELETE");
    }
    QueryParameters.refuseAll(ctx);
    String name = name(ctx, MOVE);
    ObjectNode body =
        Json.readObject(
            RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), Set.of("durability"));
    long moved =
        backend
            .howdah()
            .namespaces()
            .move(name, Members.durability(Members.text(body, "durability")));
    ctx.contentType(RequestBody.JSON)
        .result(Json.bytes(Json.MAPPER.createObjectNode().put("moved", moved)));
  }

  private void drop(Context ctx) {
    QueryParameters.refuseAll(ctx);
    String name = name(ctx, "");
    if (!backend.howdah().namespaces().drop(name)) {
      throw Problem.notFound("there is no namespace '" + name + "'");
    }
    ctx.status(204).res().setContentType(null);
  }

  private static Duration ttl(String text) {
    Duration ttl = DurationText.parse("defaultTtl", text);
    if (ttl.compareTo(SHORTEST_TTL) < 0 || ttl.compareTo(KvLimits.LONGEST_TTL) > 0) {
      throw new InvalidArgumentException(
          "defaultTtl", "defaultTtl: 1 microsecond to 36500 days expected, got " + text);
    }
    return ttl;
  }

  private static OnFull onFull(String name) {
    return switch (name) {
      case "evict" -> OnFull.EVICT;
      case "refuse" -> OnFull.REFUSE;
      default ->
          throw new InvalidArgumentException(
              "onFull", "onFull: evict or refuse expected, got '" + name + "'");
    };
  }
}
