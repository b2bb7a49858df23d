package io.howdah.engine;

import org.jspecify.annotations.Nullable;

/** Where calls go: to the engine's lanes, or into a transaction of the caller's. */
public interface Caller {
  /**
   * Makes a call and waits for its answer.
   *
   * @throws io.howdah.HowdahException as the operation says; {@link io.howdah.CallFailedException}
   *     when there was no answer
   */
  <A, R extends @Nullable Object> R call(Operation<A, R> operation, A args);

  /** Where calls can be made without waiting: the engine; null inside a transaction. */
  @Nullable Engine engine();
}
