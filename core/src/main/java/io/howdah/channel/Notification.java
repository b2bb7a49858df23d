package io.howdah.channel;

import io.howdah.channel.ChannelOperation.Named;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a notification says: channel.sql has the forms. Anybody may have written it. */
final class Notification {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * One message of it.
   *
   * @param payload null when it is only named
   */
  record Part(String channel, @Nullable String payload, @Nullable Named named) {
    boolean isRetained() {
      return named != null && named.xid() != null;
    }
  }

  private Notification() {}

  /** The messages, in their order; null when it is none of ours. */
  static @Nullable List<Part> parse(String text) {
    try {
      JsonNode messages = MAPPER.readTree(text).get("m");
      if (messages == null || !messages.isArray()) {
        return null;
      }
      List<Part> parts = new ArrayList<>(messages.size());
      for (JsonNode message : messages) {
        Part part = part(message);
        if (part == null) {
          return null;
        }
        parts.add(part);
      }
      return parts;
    } catch (JacksonException e) {
      return null;
    }
  }

  private static @Nullable Part part(JsonNode message) {
    if (!message.isArray() || message.size() < 2 || !message.get(0).isString()) {
      return null;
    }
    String channel = message.get(0).stringValue();
    if (channel.isEmpty()) {
      return null;
    }
    if (message.size() == 2 && message.get(1).isString()) {
      return new Part(channel, message.get(1).stringValue(), null);
    }
    if (message.size() == 3 && isId(message.get(2))) {
      return new Part(
          channel, null, new Named(channel, message.get(2).stringValue(), null, null, null));
    }
    if (message.size() == 5
        && isXid(message.get(2))
        && message.get(3).isIntegralNumber()
        && message.get(4).isIntegralNumber()
        && message.get(3).canConvertToLong()
        && message.get(4).canConvertToLong()) {
      return new Part(
          channel,
          null,
          new Named(
              channel,
              null,
              message.get(2).stringValue(),
              message.get(3).longValue(),
              message.get(4).longValue()));
    }
    return null;
  }

  private static boolean isId(JsonNode node) {
    return node.isString()
        && node.stringValue().matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  }

  private static boolean isXid(JsonNode node) {
    return node.isString() && node.stringValue().matches("\\d{1,18}");
  }
}
