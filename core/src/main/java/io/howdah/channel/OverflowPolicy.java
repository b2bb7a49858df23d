package io.howdah.channel;

/** What becomes of messages when a subscriber's buffer is full. */
public enum OverflowPolicy {
  /** The oldest one in the buffer is dropped, and counted. */
  DROP_OLDEST,
  /** The new one is dropped, and counted. */
  DROP_NEWEST,
  /** The subscription ends, with {@link io.howdah.ErrorCode#SLOW_SUBSCRIBER}. */
  END
}
