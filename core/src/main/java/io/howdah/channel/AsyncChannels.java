package io.howdah.channel;

import io.howdah.channel.ChannelOperation.Page;
import io.howdah.engine.Engine;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The operations of {@link Channels} without waiting. Arguments are checked on the calling thread,
 * which gets {@link io.howdah.InvalidArgumentException} at once. A stage completes on the executor
 * of the Howdah, exceptionally with what the blocking method would throw.
 */
public final class AsyncChannels {
  private final Engine engine;
  private final ChannelHub hub;

  AsyncChannels(Engine engine, ChannelHub hub) {
    this.engine = engine;
    this.hub = hub;
  }

  /**
   * {@link Channels#publish}. Messages of one thread to one channel are heard in the order of the
   * calls, also mixed with blocking ones.
   */
  public CompletionStage<Void> publish(String channel, String payload) {
    return engine
        .callAsync(ChannelOperation.PUBLISH, new Publication(channel, payload))
        .thenAccept(published -> {});
  }

  /** {@link Channels#read}. */
  public CompletionStage<List<RetainedMessage>> read(
      String channel, @Nullable String cursor, int maxRows) {
    return engine
        .callAsync(ChannelOperation.FETCH, Channels.place(channel, cursor, maxRows))
        .thenApply(Page::messages);
  }

  /**
   * {@link Channels#subscribe(String, MessageHandler, SubscriptionSettings)}. Returns at once; what
   * is published before {@link ChannelSubscription#isLive} may be missed, and the handler is told
   * of that gap.
   */
  public ChannelSubscription subscribe(
      String channel, MessageHandler handler, SubscriptionSettings settings) {
    return hub.subscribe(ChannelLimits.channel(channel), handler, settings, false);
  }

  /**
   * The same for {@link Channels#subscribePattern(String, MessageHandler, SubscriptionSettings)}.
   */
  public ChannelSubscription subscribePattern(
      String pattern, MessageHandler handler, SubscriptionSettings settings) {
    return hub.subscribePattern(ChannelLimits.pattern(pattern), handler, settings, false);
  }
}
