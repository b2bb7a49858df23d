package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.howdah.config.ConfigChange;
import io.howdah.config.ConfigEntry;
import io.howdah.config.Configs;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/config}: configuration values, for tools that change them and for other languages. */
final class ConfigRoutes {
  private static final String NAMESPACE = "/v1/config/{namespace}";
  private static final String KEY = NAMESPACE + "/{key}";

  /** A value of 64 KiB, each byte as an escape of six characters; who and why beside it. */
  private static final int MOST_BODY_BYTES = 512 << 10;

  private static final int DEFAULT_LIMIT = 100;
  private static final int MOST_LIMIT = 200;

  private final Backend backend;

  ConfigRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .get(NAMESPACE, this::list)
        .head(NAMESPACE, this::list)
        .get(KEY, this::get)
        .head(KEY, this::get)
        .put(KEY, this::set)
        .delete(KEY, this::unset)
        .get(KEY + "/history", this::history)
        .head(KEY + "/history", this::history);
  }

  private Configs configs() {
    return backend.howdah().configs();
  }

  /** The library refuses what may be no namespace, or no key. */
  private static String namespace(Context ctx) {
    return ctx.pathParam("namespace");
  }

  private static String key(Context ctx) {
    return ctx.pathParam("key");
  }

  private void list(Context ctx) {
    QueryParameters parameters = QueryParameters.of(ctx, "after", "limit");
    int limit = parameters.count("limit", DEFAULT_LIMIT, MOST_LIMIT);
    List<ConfigEntry> found = configs().list(namespace(ctx), parameters.get("after", ""), limit);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("values");
    found.forEach(each -> all.add(show(each)));
    answer.put("next", found.size() < limit ? null : found.get(limit - 1).key());
    Answers.json(ctx, answer);
  }

  private void get(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ConfigEntry found = configs().get(namespace(ctx), key(ctx)).orElseThrow(ConfigRoutes::absent);
    Answers.json(ctx, show(found));
  }

  private static ObjectNode show(ConfigEntry entry) {
    return Json.MAPPER
        .createObjectNode()
        .put("key", entry.key())
        .putRawValue("value", Answers.raw(entry.json()))
        .put("version", Long.toString(entry.version()))
        .put("updatedAt", entry.updatedAt().toString())
        .put("changedBy", entry.changedBy().orElse(null))
        .put("reason", entry.reason().orElse(null));
  }

  private void set(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode body =
        Json.readObject(
            RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()),
            Set.of("value", "changedBy", "reason"));
    String value = Members.json(body, "value");
    if (value == null) {
      throw new InvalidArgumentException("value", "value: a JSON value expected");
    }
    long revision =
        configs()
            .set(
                namespace(ctx),
                key(ctx),
                value,
                Members.text(body, "changedBy"),
                Members.textOrNull(body, "reason"));
    Answers.json(ctx, Json.MAPPER.createObjectNode().put("revision", revision));
  }

  private void unset(Context ctx) {
    QueryParameters parameters = QueryParameters.of(ctx, "changedBy", "reason");
    String changedBy = ChangeJson.changedBy(parameters);
    String reason = parameters.get("reason").orElse(null);
    if (!configs().unset(namespace(ctx), key(ctx), changedBy, reason)) {
      throw absent();
    }
    Answers.empty(ctx);
  }

  private void history(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("changes");
    for (ConfigChange change : configs().history(namespace(ctx), key(ctx))) {
      ChangeJson.add(
          all,
          change.revision(),
          change.changedAt(),
          change.changedBy(),
          change.reason(),
          change.before(),
          change.after());
    }
    ChangeJson.answer(ctx, answer, all, absent());
  }

  private static Problem absent() {
    return Problem.notFound("there is no such configuration value");
  }
}
