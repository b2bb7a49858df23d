package io.howdah.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import io.howdah.server.DatabaseUrl;

/** In the pattern of the log: what is in its parentheses, without passwords. */
public final class MaskedText extends CompositeConverter<ILoggingEvent> {
  @Override
  protected String transform(ILoggingEvent event, String in) {
    return DatabaseUrl.mask(in);
  }
}
