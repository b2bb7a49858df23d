package io.howdah.bench.kv;

/** Hears how far the loading of a store is. */
@FunctionalInterface
interface LoadWatch {

  /** Called after each part, with the number of keys that are there. */
  void loaded(int keys);
}
