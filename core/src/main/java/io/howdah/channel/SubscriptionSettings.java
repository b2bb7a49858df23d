package io.howdah.channel;

import io.howdah.InvalidArgumentException;

/**
 * How much may wait for a subscriber that is slower than its messages.
 *
 * @param bufferMessages how many, 1 to 100,000; with at most 16 Mi characters of text, or one
 *     message
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

  /**
   * 10,000 messages, of which the oldest one is dropped: a second of 10,000 messages a second, so
   * that a short stall of the process, such as a garbage collection, loses none.
   */
  public static SubscriptionSettings defaults() {
    return new SubscriptionSettings(10_000, OverflowPolicy.DROP_OLDEST);
  }
}
