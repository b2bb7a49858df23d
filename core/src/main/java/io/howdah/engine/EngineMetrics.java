package io.howdah.engine;

/**
 * What the engine tells a metrics library. Called on the threads that run statements, so it must be
 * quick and must not throw.
 */
public interface EngineMetrics {
  /** Does nothing. */
  EngineMetrics NONE = new EngineMetrics() {};

  /**
   * A statement has ended.
   *
   * @param operation the kind of its calls, such as {@code kv_get}
   * @param calls how many callers it served
   * @param queuedNanos how long the first of them had waited
   * @param ranNanos from sending it to having read the answer
   */
  default void statement(String operation, int calls, long queuedNanos, long ranNanos) {}

  /** A statement failed; each of its calls goes on singly, or fails. */
  default void failure(String operation, String sqlState) {}

  /** Calls that were set aside, because another transaction holds their row. */
  default void quarantined(String operation, int calls) {}

  /** A connection of a lane was opened; the first time, or again after it broke. */
  default void connected(int lane) {}
}
