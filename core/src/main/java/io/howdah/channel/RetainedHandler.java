package io.howdah.channel;

import io.howdah.HowdahException;

/**
 * Who reads a retained channel. It is told on the executor of the Howdah, one message after the
 * other.
 */
@FunctionalInterface
public interface RetainedHandler {
  /**
   * A message. When this returns it has been dealt with, and its cursor may be stored; when it
   * throws, that is logged, and the same message comes again after a pause.
   */
  void onMessage(RetainedMessage message);

  /**
   * Nothing comes any more, and not because it was closed.
   *
   * @param reason with {@link io.howdah.ErrorCode#MESSAGES_LOST} when the next messages are not
   *     kept any more, {@link io.howdah.ErrorCode#NOT_RETAINED} when the channel is not
   */
  default void onEnd(HowdahException reason) {}
}
