package io.howdah.engine;

import io.howdah.Durability;

/**
 * Which durability a namespace has, as far as this process knows. Only a hint about who may share a
 * statement: the SQL functions read the registry themselves, and refuse a batch that mixes levels.
 */
public interface Levels {
  Durability of(String namespace);

  /** Forget what is known; it was wrong. */
  void refresh();
}
