package io.howdah.engine;

import io.howdah.HowdahException;
import org.jspecify.annotations.Nullable;

/** Which calls are to fail instead of being made: for tests of what an application does then. */
@FunctionalInterface
public interface Faults {
  /**
   * Asked once for each call, on its thread.
   *
   * @param operation the name of its SQL function
   * @return what the call fails with; null when it is to be made
   */
  @Nullable HowdahException next(String operation, boolean isWrite);
}
