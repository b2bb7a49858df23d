package io.howdah.spring.channel;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Has a method of a bean hear what is published to a channel, in each process, from when the
 * context is ready until it is closed. One message after the other; what the method throws is
 * logged.
 *
 * <pre>{@code
 * @ChannelListener("prices")
 * void priceChanged(PriceChange change) { ... }
 * }</pre>
 *
 * <p>Its parameters, each at most once and in any order: the payload, as it is when that is a
 * String, otherwise of any type that Jackson makes of JSON; {@link io.howdah.channel.Message}, with
 * the name of the channel.
 *
 * <p>Messages are missed while the connection that listens is down, or when the method is slower
 * than they come: then a {@link ChannelGap} is published as an event of the application.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface ChannelListener {
  /** The channel, or a pattern; placeholders ({@code ${prices.channel}}) are replaced. */
  String value();

  /** Whether it is a pattern: {@code *} is any text, {@code ?} any one character. */
  boolean pattern() default false;
}
