package io.howdah.channel;

import io.howdah.Subscription;

/** Goes on until it is closed, or ends. Once it is closed, no message is handed over any more. */
public interface ChannelSubscription extends Subscription {
  /**
   * Whether what is published now is heard. Otherwise the connection that listens is being made,
   * and the subscriber is told of the gap when it is there.
   */
  boolean isLive();

  /** How many messages were dropped because the buffer was full. */
  long dropped();
}
