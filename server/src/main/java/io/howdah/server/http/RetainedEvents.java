package io.howdah.server.http;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.Subscription;
import io.howdah.channel.Channels;
import io.howdah.channel.RetainedMessage;
import io.howdah.server.http.EventStreams.EventWriter;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A retained channel, for a stream: read as fast as the client takes it, so nothing has to be
 * dropped. The id of an event is the cursor behind its message.
 */
final class RetainedEvents implements EventStreams.Source {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedEvents.class);
  private static final int PAGE = 100;

  private final Channels channels;
  private final String channel;
  private final Subscription wakeups;
  private String cursor;

  RetainedEvents(Channels channels, String channel, String cursor, Runnable wake) {
    this.channels = channels;
    this.channel = channel;
    this.cursor = cursor;
    this.wakeups = channels.onPublished(channel, wake);
  }

  @Override
  public boolean write(EventWriter to) throws IOException {
    List<RetainedMessage> page;
    do {
      try {
        page = channels.read(channel, cursor, PAGE);
      } catch (HowdahException e) {
        if (e.code() == ErrorCode.MESSAGES_LOST || e.code() == ErrorCode.NOT_RETAINED) {
          to.event("end", null, "{\"code\":\"" + e.code() + "\"}");
          return false;
        }
        // The database does not answer; the next tick tries again.
        LOG.debug("a channel could not be read for a stream", e);
        return e.code() != ErrorCode.CLOSED;
      }
      for (RetainedMessage message : page) {
        String data =
            Json.MAPPER
                .createObjectNode()
                .put("channel", channel)
                .put("payload", message.payload())
                .put("publishedAt", message.publishedAt().toString())
                .toString();
        to.event(null, message.cursor(), data);
        cursor = message.cursor();
      }
    } while (!page.isEmpty());
    return true;
  }

  @Override
  public void close() {
    wakeups.close();
  }
}
