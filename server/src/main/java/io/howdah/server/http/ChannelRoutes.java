package io.howdah.server.http;

import io.howdah.InvalidArgumentException;
import io.howdah.channel.ChannelLimits;
import io.howdah.channel.Channels;
import io.howdah.channel.RetainedChannel;
import io.howdah.channel.RetainedMessage;
import io.howdah.channel.SubscriptionSettings;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/channels}: publishing, retained channels, and a stream of server-sent events. */
final class ChannelRoutes {
  private static final String PATH = "/v1/channels";

  /** A payload with all its characters escaped, and what is around it. */
  private static final int MOST_BODY_BYTES = 6 * ChannelLimits.PAYLOAD_BYTES + (1 << 16);

  private static final String LAST_EVENT = "Last-Event-ID";

  private final Backend backend;
  private final EventStreams streams;

  ChannelRoutes(Backend backend, EventStreams streams) {
    this.backend = backend;
    this.streams = streams;
  }

  void register(RoutesConfig routes) {
    routes
        .get(PATH, this::list)
        .head(PATH, this::list)
        .post(PATH + ":publish", this::publish)
        .post(PATH + ":retain", this::retain)
        .get(PATH + ":read", this::read)
        .get(PATH + ":stream", this::stream);
  }

  private Channels channels() {
    return backend.howdah().channels();
  }

  private ObjectNode body(Context ctx, String... known) {
    QueryParameters.refuseAll(ctx);
    return Json.readObject(
        RequestBody.json(ctx, MOST_BODY_BYTES, backend.bytesInFlight()), Set.of(known));
  }

  private void list(Context ctx) {
    QueryParameters.refuseAll(ctx);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("channels");
    for (RetainedChannel channel : channels().retained()) {
      all.addObject().put("channel", channel.channel()).put("keep", channel.keep().toString());
    }
    Answers.json(ctx, answer);
  }

  private void publish(Context ctx) {
    ObjectNode body = body(ctx, "channel", "payload");
    String channel = Members.text(body, "channel");
    String payload = Members.text(body, "payload");
    backend.answer(
        ctx,
        () -> channels().async().publish(channel, payload).thenApply(published -> true),
        published -> Answers.empty(ctx));
  }

  /** With {@code keep} null: keeps nothing any more. */
  private void retain(Context ctx) {
    ObjectNode body = body(ctx, "channel", "keep");
    String channel = Members.text(body, "channel");
    if (!body.has("keep")) {
      throw new InvalidArgumentException("keep", "keep: a duration expected, or null");
    }
    Duration keep = Members.durationOrNull(body, "keep");
    boolean changed =
        keep == null ? channels().stopRetaining(channel) : channels().retain(channel, keep);
    Answers.json(ctx, Json.MAPPER.createObjectNode().put("changed", changed));
  }

  private void read(Context ctx) {
    QueryParameters parameters = QueryParameters.of(ctx, "channel", "cursor", "limit");
    String channel = required(parameters);
    int limit = parameters.count("limit", 100, 1_000);
    String from = from(channel, parameters.get("cursor", ""));
    List<RetainedMessage> messages = channels().read(channel, from, limit);
    ObjectNode answer = Json.MAPPER.createObjectNode();
    ArrayNode all = answer.putArray("messages");
    String next = from;
    for (RetainedMessage message : messages) {
      all.addObject()
          .put("cursor", message.cursor())
          .put("payload", message.payload())
          .put("publishedAt", message.publishedAt().toString());
      next = message.cursor();
    }
    Answers.json(ctx, answer.put("cursor", next));
  }

  private static String required(QueryParameters parameters) {
    return parameters
        .get("channel")
        .orElseThrow(() ->
            new InvalidArgumentException("channel", "channel: its name expected, as a parameter"));
  }

  private String from(String channel, String cursor) {
    return cursor.equals("now") ? channels().now(channel) : cursor;
  }

  private void stream(Context ctx) {
    QueryParameters parameters = QueryParameters.of(ctx, "channel", "pattern", "cursor");
    Optional<String> pattern = parameters.get("pattern");
    if (pattern.isPresent() == parameters.get("channel").isPresent()) {
      throw new InvalidArgumentException(
          "channel", "channel: either a channel or a pattern expected");
    }
    String last = ctx.req().getHeader(LAST_EVENT);
    Optional<String> cursor =
        last == null || last.isEmpty() ? parameters.get("cursor") : Optional.of(last);
    if (pattern.isPresent()) {
      if (cursor.isPresent()) {
        throw new InvalidArgumentException(
            "cursor", "cursor: of a retained channel only, not of a pattern");
      }
      streams.answer(
          ctx,
          wake -> {
            LiveEvents events = new LiveEvents(wake);
            events.subscribed(
                channels()
                    .subscribePattern(pattern.get(), events, SubscriptionSettings.defaults()));
            return events;
          });
      return;
    }
    String channel = required(parameters);
    if (cursor.isEmpty()) {
      streams.answer(
          ctx,
          wake -> {
            LiveEvents events = new LiveEvents(wake);
            events.subscribed(
                channels().subscribe(channel, events, SubscriptionSettings.defaults()));
            return events;
          });
      return;
    }
    // Once before the stream begins: what is wrong with the cursor is an answer of its own.
    String from = from(channel, cursor.get());
    var unused = channels().read(channel, from, 1);
    streams.answer(ctx, wake -> new RetainedEvents(channels(), channel, from, wake));
  }
}
