package io.howdah.openfeature;

import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.TrackingEventDetails;
import io.howdah.HowdahException;
import io.howdah.channel.Channels;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Publishes what is tracked on a channel. */
final class Tracker {
  private static final Logger LOG = LoggerFactory.getLogger(Tracker.class);
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();
  private static final long PATIENCE_SECONDS = 5;

  private final Channels channels;
  private final String channel;
  private final Map<Long, CompletableFuture<Void>> onTheirWay = new ConcurrentHashMap<>();
  private final AtomicLong tracked = new AtomicLong();

  Tracker(Channels channels, String channel) {
    this.channels = channels;
    this.channel = channel;
  }

  void track(
      String event, @Nullable EvaluationContext context, @Nullable TrackingEventDetails details) {
    try {
      String payload = MAPPER.writeValueAsString(json(event, context, details));
      CompletableFuture<Void> sent =
          channels.async().publish(channel, payload).toCompletableFuture();
      long number = tracked.incrementAndGet();
      onTheirWay.put(number, sent);
      var unused =
          sent.whenComplete((nothing, failure) -> {
            onTheirWay.remove(number);
            if (failure != null) {
              LOG.warn("the event {} was not tracked", event, failure);
            }
          });
    } catch (HowdahException | JacksonException e) {
      LOG.warn("the event {} was not tracked", event, e);
    }
  }

  private static ObjectNode json(
      String event, @Nullable EvaluationContext context, @Nullable TrackingEventDetails details) {
    ObjectNode json = MAPPER.createObjectNode().put("event", event);
    if (details != null) {
      details.getValue().ifPresent(value -> json.set("value", MAPPER.valueToTree(value)));
      json.set("details", MAPPER.valueToTree(details.asObjectMap()));
    }
    if (context != null) {
      json.set("context", MAPPER.valueToTree(context.asObjectMap()));
    }
    return json;
  }

  /** Waits for what is on its way, for five seconds at most. */
  void close() {
    try {
      CompletableFuture.allOf(onTheirWay.values().toArray(CompletableFuture[]::new))
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      LOG.warn("{} events may not have been tracked", onTheirWay.size());
    } catch (ExecutionException e) {
      LOG.debug("what failed has been logged", e);
    }
  }
}
