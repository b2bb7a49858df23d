package io.howdah.bench.expiry;

import java.util.LinkedHashMap;
import java.util.Map;

/** A cache in memory that only knows which keys it holds, to compare hit rates with. */
final class BoundedCache {

  private final Map<Integer, Boolean> keys;
  private final int bound;

  private BoundedCache(int bound, boolean byUse) {
    this.bound = bound;
    keys = new LinkedHashMap<>(16, 0.75f, byUse);
  }

  /** Drops the key that came first. */
  static BoundedCache firstInFirstOut(int bound) {
    return new BoundedCache(bound, false);
  }

  /** Drops the key that was used longest ago. */
  static BoundedCache leastRecentlyUsed(int bound) {
    return new BoundedCache(bound, true);
  }

  /** Whether it holds the key; if not, it does now. */
  boolean read(int key) {
    if (keys.get(key) != null) {
      return true;
    }
    keys.put(key, true);
    if (keys.size() > bound) {
      keys.remove(keys.keySet().iterator().next());
    }
    return false;
  }
}
