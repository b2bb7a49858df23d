package io.howdah.session;

import io.howdah.HowdahException;
import io.howdah.channel.ChannelSubscription;
import io.howdah.channel.Channels;
import io.howdah.channel.RetainedHandler;
import io.howdah.channel.RetainedMessage;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What happens to sessions, as the channel {@value #CHANNEL} tells it. */
final class SessionEvents implements RetainedHandler {
  static final String CHANNEL = "howdah.session";

  private static final Logger LOG = LoggerFactory.getLogger(SessionEvents.class);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final SessionEventHandler handler;

  private SessionEvents(SessionEventHandler handler) {
    this.handler = handler;
  }

  static ChannelSubscription subscribe(
      Channels channels, @Nullable String cursor, SessionEventHandler handler) {
    return channels.subscribeRetained(CHANNEL, cursor, new SessionEvents(handler));
  }

  @Override
  public void onMessage(RetainedMessage message) {
    SessionEvent event = read(message);
    if (event != null) {
      handler.onEvent(event);
    }
  }

  /** Null for what somebody else has published there. */
  private static @Nullable SessionEvent read(RetainedMessage message) {
    try {
      JsonNode event = MAPPER.readTree(message.payload());
      JsonNode user = event.required("userId");
      return new SessionEvent(
          message.cursor(),
          SessionEvent.Kind.valueOf(event.required("kind").stringValue().toUpperCase(Locale.ROOT)),
          UUID.fromString(event.required("handle").stringValue()),
          user.isNull() ? Optional.empty() : Optional.of(user.stringValue()),
          OffsetDateTime.parse(event.required("happenedAt").stringValue()).toInstant());
    } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
      LOG.warn("a message of the channel {} is no event of a session, and left out", CHANNEL, e);
      return null;
    }
  }

  @Override
  public void onEnd(HowdahException reason) {
    handler.onEnd(reason);
  }
}
