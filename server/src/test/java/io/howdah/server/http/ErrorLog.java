package io.howdah.server.http;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the server logs as a warning or an error while this is open. */
final class ErrorLog implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.howdah.server");
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();

  ErrorLog() {
    events.start();
    logger.addAppender(events);
  }

  List<String> lines() {
    return List.copyOf(events.list).stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Override
  public void close() {
    boolean unused = logger.detachAppender(events);
  }
}
