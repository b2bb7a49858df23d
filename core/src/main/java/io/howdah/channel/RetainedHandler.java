package io.howdah.channel;

import io.howdah.HowdahException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Who reads a retained channel. It is told on its {@link #executor}, one message after the other.
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

  /**
   * Where it is told; null for the executor of the Howdah. One that holds its thread up for long
   * has an executor of its own. Asked once, when it subscribes.
   */
  default @Nullable Executor executor() {
    return null;
  }
}
