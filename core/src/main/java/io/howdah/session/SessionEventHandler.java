package io.howdah.session;

import io.howdah.HowdahException;

/** Who wants to know what happens to sessions. Told on the executor, one event after the other. */
@FunctionalInterface
public interface SessionEventHandler {
  /**
   * An event. When this returns its cursor may be stored; when it throws, that is logged, and the
   * same event comes again after a pause.
   */
  void onEvent(SessionEvent event);

  /**
   * Nothing comes any more, and not because it was closed.
   *
   * @param reason as in {@link io.howdah.channel.RetainedHandler#onEnd}
   */
  default void onEnd(HowdahException reason) {}
}
