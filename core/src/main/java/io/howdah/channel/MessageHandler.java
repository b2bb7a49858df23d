package io.howdah.channel;

import io.howdah.HowdahException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Who hears what is published. It is told on its {@link #executor}, one thing after the other; what
 * it throws is logged.
 */
@FunctionalInterface
public interface MessageHandler {
  /** A message. Those that one thread published to one channel come in their order. */
  void onMessage(Message message);

  /**
   * Messages may have been missed here: the connection that listens was lost, and is there again;
   * or a message could not be read.
   */
  default void onGap() {}

  /**
   * Messages were dropped, because the buffer was full.
   *
   * @param count how many since it was last told
   */
  default void onDropped(long count) {}

  /**
   * Nothing comes any more, and not because it was closed.
   *
   * @param reason with {@link io.howdah.ErrorCode#SLOW_SUBSCRIBER} when its buffer was full and
   *     that ends it, {@link io.howdah.ErrorCode#NO_PUSH} when it turned out that nothing can be
   *     heard here
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
