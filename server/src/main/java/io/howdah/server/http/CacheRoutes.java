package io.howdah.server.http;

import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.cache.CacheEntry;
import io.howdah.cache.CacheInfo;
import io.howdah.cache.CacheSettings;
import io.howdah.cache.ComputedCache;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/caches}: JSON values that somebody computes. Names and keys stand in bodies only. */
final class CacheRoutes {
  private static final String PATH = "/v1/caches";

  /** A value, and what goes with it. */
  private static final int MOST_BODY_BYTES = (16 << 20) + (1 << 16);

  private final Backend backend;

  CacheRoutes(Backend backend) {
    this.backend = backend;
  }

  void register(RoutesConfig routes) {
    routes
        .get(PATH, this::list)
        .head(PATH, this::list)
        .post(PATH + ":get", this::get)
        .post(PATH + ":put", this::put)
        .post(PATH + ":evict", this::evict)
        .post(PATH + ":clear", this::clear)
        .post(PATH + ":begin", this::begin)
        .post(PATH + ":end", this::end)
        .post(PATH + ":abandon", this::abandon);
  }

  private void list(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ArrayNode caches = Json.MAPPER.createArrayNode();
    for (CacheInfo cache : backend.howdah().caches().list()) {
      ObjectNode one = caches.addObject();
      one.put("name", cache.name()).put("entries", cache.entries()).put("bytes", cache.bytes());
      cache.maxEntries().ifPresent(most -> one.put("maxEntries", most));
      cache.maxBytes().ifPresent(most -> one.put("maxBytes", most));
      one.put("evicted", cache.evicted()).put("notifies", cache.notifies());
    }
    Answers.json(ctx, Json.MAPPER.createObjectNode().set("caches", caches));
  }

  private ObjectNode body(Context ctx, String... known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(
        RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), Set.of(known));
  }

  private void get(Context ctx) {
    ObjectNode body = body(ctx, "name", "key");
    ComputedCache<String> cache = cache(body, CacheSettings.defaults());
    backend.answer(
        ctx, () -> cache.async().getEntry(Members.text(body, "key")), found -> show(ctx, found));
  }

  private static void show(Context ctx, Optional<CacheEntry<String>> found) {
    CacheEntry<String> entry =
        found.orElseThrow(() -> Problem.notFound("the cache has no value for this key"));
    ObjectNode answer = Json.MAPPER.createObjectNode();
    entry
        .value()
        .ifPresentOrElse(
            value -> answer.putRawValue("value", Answers.raw(value)),
            () -> answer.put("empty", true));
    Answers.json(ctx, answer.put("stale", entry.isStale()));
  }

  private void put(Context ctx) {
    ObjectNode body = body(ctx, "name", "key", "value", "ttl", "staleFor", "tags");
    String value = Members.json(body, "value");
    if (value == null) {
      throw new InvalidArgumentException("value", "value: a JSON value expected");
    }
    ComputedCache<String> cache = storing(body);
    backend.answer(
        ctx,
        () -> cache.async().put(Members.text(body, "key"), value),
        done -> ctx.status(204).res().setContentType(null));
  }

  private void evict(Context ctx) {
    ObjectNode body = body(ctx, "name", "key", "tag");
    ComputedCache<String> cache = cache(body, CacheSettings.defaults());
    if (Members.isSet(body, "key") == Members.isSet(body, "tag")) {
      throw new InvalidArgumentException("key", "key: either key or tag expected");
    }
    backend.answer(
        ctx,
        () ->
            Members.isSet(body, "tag")
                ? cache.async().evictTag(Members.text(body, "tag")).thenApply(done -> true)
                : cache.async().evict(Members.text(body, "key")),
        done -> ctx.status(204).res().setContentType(null));
  }

  private void clear(Context ctx) {
    ComputedCache<String> cache = cache(body(ctx, "name"), CacheSettings.defaults());
    backend.answer(
        ctx, () -> cache.async().clear(), done -> ctx.status(204).res().setContentType(null));
  }

  private void begin(Context ctx) {
    ObjectNode body = body(ctx, "name", "key", "lease", "tags");
    Duration lease = Members.durationOrNull(body, "lease");
    CacheSettings settings = CacheSettings.defaults();
    ComputedCache<String> cache =
        cache(body, lease == null ? settings : settings.withLease(lease)).tagged(tags(body));
    backend.answer(
        ctx,
        () -> cache.async().beginLoad(Members.text(body, "key")),
        token ->
            Answers.json(
                ctx,
                Json.MAPPER
                    .createObjectNode()
                    .put("token", token.map(UUID::toString).orElse(null))));
  }

  private void end(Context ctx) {
    ObjectNode body = body(ctx, "name", "key", "token", "value", "ttl", "staleFor", "tags");
    Optional<String> value = Optional.ofNullable(Members.json(body, "value"));
    ComputedCache<String> cache = storing(body);
    backend.answer(
        ctx,
        () -> cache.async().endLoad(Members.text(body, "key"), token(body), value),
        stored -> Answers.json(ctx, Json.MAPPER.createObjectNode().put("stored", stored)));
  }

  private void abandon(Context ctx) {
    ObjectNode body = body(ctx, "name", "key", "token");
    ComputedCache<String> cache = cache(body, CacheSettings.defaults());
    backend.answer(
        ctx,
        () -> cache.async().abandonLoad(Members.text(body, "key"), token(body)),
        abandoned -> Answers.json(ctx, Json.MAPPER.createObjectNode().put("abandoned", abandoned)));
  }

  private ComputedCache<String> cache(ObjectNode body, CacheSettings settings) {
    return backend.howdah().cache(Members.text(body, "name"), Codec.rawJson(), settings);
  }

  /** With exact times: who sends them has spread them, or has a reason not to. */
  private ComputedCache<String> storing(ObjectNode body) {
    Duration ttl = Members.duration(body, "ttl");
    Duration staleFor = Members.durationOrNull(body, "staleFor");
    return cache(
            body,
            CacheSettings.defaults()
                .withJitter(0)
                .withTtl(ttl)
                .withEmptyTtl(ttl)
                .withStaleFor(staleFor == null ? Duration.ZERO : staleFor))
        .tagged(tags(body));
  }

  private static UUID token(ObjectNode body) {
    String text = Members.text(body, "token");
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidArgumentException("token", "token: that of :begin expected", e);
    }
  }

  private static String[] tags(ObjectNode body) {
    @Nullable JsonNode node = body.get("tags");
    if (node == null) {
      return new String[0];
    }
    List<String> tags = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(tag -> tags.add(tag.isString() ? tag.stringValue() : ""));
    }
    if (!node.isArray() || tags.contains("")) {
      throw new InvalidArgumentException("tags", "tags: an array of strings expected");
    }
    return tags.toArray(String[]::new);
  }
}
