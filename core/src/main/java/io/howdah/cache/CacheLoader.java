package io.howdah.cache;

import org.jspecify.annotations.Nullable;

/**
 * Computes a value, on the thread that asks for it; for a refresh in the background, on the
 * executor of the Howdah.
 *
 * <p>It has to read its data after it was called, from the database of the cache, and not under a
 * snapshot that is older than the call: then what it computes is never stored when the data have
 * been evicted meanwhile.
 */
@FunctionalInterface
public interface CacheLoader<V extends @Nullable Object> {
  V load() throws Exception;
}
