package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /v1/rate-limits}. Names and keys stand in bodies only: a key is often somebody's address,
 * and URLs are written to logs.
 */
final class RateLimitRoutes {
  private static final String PATH = "/v1/rate-limits";
  private static final int MOST_BODY_BYTES = 1 << 16;

  private final Backend backend;

  RateLimitRoutes(Backend backend) {
    this.backend = backend;
  }

  /** What a request is about. */
  private record Asked(RateLimiter limiter, String key, long cost) {}

  void register(RoutesConfig routes) {
    routes
        .post(PATH + ":acquire", this::acquire)
        .post(PATH + ":peek", this::peek)
        .post(PATH + ":refund", this::refund)
        .post(PATH + ":reset", this::reset);
  }

  private void acquire(Context ctx) {
    Asked asked = asked(ctx);
    backend.answer(
        ctx,
        () -> asked.limiter().acquireAsync(asked.key(), asked.cost()),
        decision -> show(ctx, decision));
  }

  private void peek(Context ctx) {
    Asked asked = asked(ctx);
    show(
        ctx,
        asked
            .limiter()
            .peek(asked.key())
            .orElseThrow(() -> Problem.notFound("nothing is counted for this key")));
  }

  private void refund(Context ctx) {
    Asked asked = asked(ctx);
    done(ctx, asked.limiter().refund(asked.key(), asked.cost()));
  }

  private void reset(Context ctx) {
    Asked asked = asked(ctx);
    done(ctx, asked.limiter().reset(asked.key()));
  }

  private static void done(Context ctx, boolean any) {
    if (!any) {
      throw Problem.notFound("nothing is counted for this key");
    }
    ctx.status(204).res().setContentType(null);
  }

  private static void show(Context ctx, Decision decision) {
    ObjectNode answer =
        Json.MAPPER
            .createObjectNode()
            .put("allowed", decision.allowed())
            .put("maxCalls", decision.maxCalls())
            .put("remaining", decision.remaining())
            .put("retryAfterSeconds", seconds(decision.retryAfter()))
            .put("resetAfterSeconds", seconds(decision.resetAfter()));
    ctx.contentType(RequestBody.JSON)
        .header("Cache-Control", "no-cache")
        .result(Json.bytes(answer));
  }

  private static double seconds(Duration duration) {
    return TimeUnit.NANOSECONDS.toMicros(duration.toNanos()) / 1e6;
  }

  private Asked asked(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode body =
        Json.readObject(
            RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()),
            Set.of("name", "key", "cost", "limits"));
    JsonNode limits = body.path("limits");
    if (!limits.isArray() || limits.isEmpty()) {
      throw new InvalidArgumentException(
          "limits", "limits: an array of objects with maxCalls and period expected");
    }
    List<RateLimit> all = new ArrayList<>();
    for (JsonNode limit : limits) {
      if (!(limit instanceof ObjectNode object)) {
        throw new InvalidArgumentException("limits", "limits: objects expected");
      }
      all.add(limit(object));
    }
    RateLimiter limiter =
        backend
            .howdah()
            .rateLimiter(
                Members.text(body, "name"),
                all.get(0),
                all.subList(1, all.size()).toArray(new RateLimit[0]));
    long cost = Objects.requireNonNullElse(Members.count(body, "cost"), 1L);
    return new Asked(limiter, Members.text(body, "key"), cost);
  }

  private static RateLimit limit(ObjectNode object) {
    Json.refuseOthers(object, Set.of("algorithm", "maxCalls", "period", "burst"));
    RateLimit limit =
        RateLimit.of(Members.required(object, "maxCalls"), Members.duration(object, "period"));
    Long burst = Members.count(object, "burst");
    String algorithm =
        Members.isSet(object, "algorithm") ? Members.text(object, "algorithm") : "token-bucket";
    if (burst != null && !algorithm.equals("token-bucket")) {
      throw new InvalidArgumentException("burst", "burst: only a token-bucket has one");
    }
    return switch (algorithm) {
      case "token-bucket" -> burst == null ? limit : limit.burst(burst);
      case "sliding-window" -> limit.slidingWindow();
      case "fixed-window" -> limit.fixedWindow();
      default ->
          throw new InvalidArgumentException(
              "algorithm",
              "algorithm: token-bucket, sliding-window or fixed-window expected, got '"
                  + algorithm
                  + "'");
    };
  }
}
