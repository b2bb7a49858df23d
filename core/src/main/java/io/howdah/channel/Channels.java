package io.howdah.channel;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Arguments;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.Subscription;
import io.howdah.channel.ChannelOperation.Place;
import io.howdah.channel.ChannelOperation.Retention;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Channels: messages for whoever listens, in any process; where a channel is retained, also for
 * whoever comes later. A message is delivered after its transaction has committed, never after a
 * rollback.
 *
 * <p>Names have 1 to 256 bytes, payloads at most 1 MiB. All methods throw {@link
 * InvalidArgumentException} for arguments outside their limits, before anything is sent, and {@link
 * io.howdah.CallFailedException} when there was no answer, which says whether a message may have
 * been published.
 */
public final class Channels {
  private static final int SOURCE_BYTES = 512;
  private static final int COLUMN_BYTES = 63;

  private final Caller caller;
  private final ChannelHub hub;

  /** Use {@code Howdah.channels} or {@code Transaction.channels}. */
  public Channels(Caller caller, ChannelHub hub) {
    this.caller = caller;
    this.hub = hub;
  }

  /**
   * Publishes a message. In a transaction of the caller's: when that commits.
   *
   * <p>Calls that many threads make at once share a statement and a commit. Those of one thread on
   * one channel are heard in their order.
   */
  public void publish(String channel, String payload) {
    boolean published = caller.call(ChannelOperation.PUBLISH, new Publication(channel, payload));
    assert published;
  }

  /**
   * Has a channel keep its messages, from now on, for as long.
   *
   * @return false when it does so already
   */
  @CanIgnoreReturnValue
  public boolean retain(String channel, Duration keep) {
    return caller.call(
        ChannelOperation.RETAIN,
        new Retention(ChannelLimits.channel(channel), Arguments.micros("keep", keep)));
  }

  /**
   * Has a channel keep nothing any more; what it has kept is removed.
   *
   * @return false when it was not retained
   */
  @CanIgnoreReturnValue
  public boolean stopRetaining(String channel) {
    return caller.call(
        ChannelOperation.RETAIN, new Retention(ChannelLimits.channel(channel), null));
  }

  /** The retained channels, in the order of their names. */
  public List<RetainedChannel> retained() {
    return caller.call(ChannelOperation.LIST, "");
  }

  /**
   * Reads a retained channel.
   *
   * @param cursor of the last message that was read; null or empty to begin with the first one that
   *     is kept
   * @param maxRows 1 to 10,000; fewer come when they have more than 4 MiB together
   * @return the messages after the cursor, in their order; empty when there is none yet
   * @throws HowdahException with {@link ErrorCode#MESSAGES_LOST} when messages after the cursor may
   *     have been removed, {@link ErrorCode#NOT_RETAINED} when the channel is not retained
   */
  public List<RetainedMessage> read(String channel, @Nullable String cursor, int maxRows) {
    return caller.call(ChannelOperation.FETCH, place(channel, cursor, maxRows)).messages();
  }

  static Place place(String channel, @Nullable String cursor, int maxRows) {
    return new Place(
        ChannelLimits.channel(channel),
        ChannelLimits.cursor(cursor),
        ChannelLimits.maxRows(maxRows));
  }

  /**
   * A cursor before all that is published from now on to a retained channel. What others are
   * publishing just now may come after it as well.
   *
   * @throws HowdahException with {@link ErrorCode#NOT_RETAINED} when the channel is not retained
   */
  public String now(String channel) {
    return caller.call(ChannelOperation.NOW, ChannelLimits.channel(channel));
  }

  /** {@link #subscribe(String, MessageHandler, SubscriptionSettings)} with the defaults. */
  public ChannelSubscription subscribe(String channel, MessageHandler handler) {
    return subscribe(channel, handler, SubscriptionSettings.defaults());
  }

  /**
   * Hands over what is published to a channel from now on, until the subscription is closed. It
   * waits for the connection that listens, at most as long as a call may take; when that is not
   * there by then ({@link ChannelSubscription#isLive}), the handler is told of the gap later.
   *
   * <p>In a transaction of the caller's this is as outside.
   *
   * @throws HowdahException with {@link ErrorCode#NO_PUSH} when nothing can be heard here:
   *     listening is switched off, or a transaction pooler is in the way
   */
  public ChannelSubscription subscribe(
      String channel, MessageHandler handler, SubscriptionSettings settings) {
    return hub.subscribe(ChannelLimits.channel(channel), handler, settings, true);
  }

  /** {@link #subscribePattern(String, MessageHandler, SubscriptionSettings)} with the defaults. */
  public ChannelSubscription subscribePattern(String pattern, MessageHandler handler) {
    return subscribePattern(pattern, handler, SubscriptionSettings.defaults());
  }

  /**
   * {@link #subscribe(String, MessageHandler, SubscriptionSettings)} to all channels with names
   * like {@code pattern}: {@code *} is any text, {@code ?} any one character.
   */
  public ChannelSubscription subscribePattern(
      String pattern, MessageHandler handler, SubscriptionSettings settings) {
    return hub.subscribePattern(ChannelLimits.pattern(pattern), handler, settings, true);
  }

  /**
   * Hands over what is published to a retained channel, from a cursor on, until the subscription is
   * closed: every message at least once, in their order. The program stores the cursor of the last
   * message it has dealt with, and begins there the next time. Works by looking once in each {@code
   * Builder.pollInterval} where nothing can be heard.
   *
   * @param cursor as in {@link #read}
   * @throws HowdahException as {@link #read}
   */
  public ChannelSubscription subscribeRetained(
      String channel, @Nullable String cursor, RetainedHandler handler) {
    Place place = place(channel, cursor, 1);
    var unused = caller.call(ChannelOperation.FETCH, place);
    return hub.read(place.channel(), place.cursor(), handler);
  }

  /**
   * Runs {@code look} when there may be something new in a retained channel, and now and then when
   * there is not, until the subscription is closed; for who reads by himself. On the listener's
   * thread: it must be quick.
   */
  public Subscription onPublished(String channel, Runnable look) {
    return hub.watch(ChannelLimits.channel(channel), look);
  }

  /**
   * From now on each statement that changes a table of the application's publishes, when it is
   * committed, each distinct value of a column in the rows it changes, as they were and as they
   * are; an empty message where any may have changed.
   *
   * @param source the table, as in SQL: {@code public.jobs}
   * @return false when it did so already
   * @throws HowdahException with {@link ErrorCode#LOCKED} when open transactions have been writing
   *     to the table for ten seconds
   */
  @CanIgnoreReturnValue
  public boolean notifyOn(String source, String channel, String columnName) {
    return caller.call(ChannelOperation.NOTIFY_ON, notice(source, channel, columnName));
  }

  /**
   * Ends what {@link #notifyOn} began.
   *
   * @return false when there was nothing to end
   */
  @CanIgnoreReturnValue
  public boolean dropNotifyOn(String source, String channel, String columnName) {
    return caller.call(ChannelOperation.NOTIFY_ON_DROP, notice(source, channel, columnName));
  }

  private static TableNotice notice(String source, String channel, String columnName) {
    return new TableNotice(
        Arguments.text("source", source, SOURCE_BYTES),
        ChannelLimits.channel(channel),
        Arguments.text("columnName", columnName, COLUMN_BYTES));
  }

  /** Which tables publish their changes. */
  public List<TableNotice> notifiesOn() {
    return caller.call(ChannelOperation.NOTIFY_ON_LIST, "");
  }

  /**
   * The operations without waiting.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncChannels async() {
    Engine engine = caller.engine();
    if (engine == null) {
      throw new InvalidArgumentException(
          "async", "async: not inside a transaction: its connection does one thing at a time");
    }
    return new AsyncChannels(engine, hub);
  }
}
