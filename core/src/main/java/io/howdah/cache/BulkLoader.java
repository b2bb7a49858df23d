package io.howdah.cache;

import java.util.Map;
import java.util.Set;

/**
 * Computes several values at once; see {@link CacheLoader}. Of a key that is missing, there is no
 * value.
 */
@FunctionalInterface
public interface BulkLoader<V> {
  Map<String, ? extends V> load(Set<String> keys) throws Exception;
}
