package io.howdah.bench.kv;

import org.jspecify.annotations.Nullable;

/** A store whose caller waits for each answer. */
public non-sealed interface BlockingTarget extends KvTarget {

  /** The value, or null when there is none. */
  @Nullable String get(String key) throws Exception;

  /** Stores a value. */
  void set(String key, String value) throws Exception;

  /** Adds 1 to a counter; the new count. */
  long increment(String key) throws Exception;
}
