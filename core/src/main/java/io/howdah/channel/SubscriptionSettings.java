package io.howdah.channel;

import io.howdah.InvalidArgumentException;

/**
 * How much may wait for a subscriber that is slower than its messages.
 *
 * @param bufferMessages how many, 1 to 100,000; with at most 16 MiB of text, or one message
 * @param whenFull what becomes of the others
 */
public record SubscriptionSettings(int bufferMessages, OverflowPolicy whenFull) {
  private static final int MOST = 100_000;

  /**
   * @throws InvalidArgumentException when the buffer is outside its limits
   */
  public SubscriptionSettings {
    if (bufferMessages < 1 || bufferMessages > MOST) {
      throw new InvalidArgumentException(
          "bufferMessages", "bufferMessages: 1 to " + MOST + " expected, got " + bufferMessages);
    }
  }

  /** 1,000 messages, of which the oldest one is dropped. */
  public static SubscriptionSettings defaults() {
    return new SubscriptionSettings(1_000, OverflowPolicy.DROP_OLDEST);
  }
}
