package io.howdah.cache;

import java.util.OptionalLong;

/**
 * A cache that has entries, bounds, or notifies.
 *
 * @param entries valid entries, when the sweeper last looked
 * @param bytes what they take as stored, and 100 for each
 * @param maxEntries its own bound, if it has one
 * @param maxBytes its own bound, if it has one
 * @param evicted how many entries were evicted so far to keep its own bounds
 * @param notifies whether its evictions notify near caches
 */
public record CacheInfo(
    String name,
    long entries,
    long bytes,
    OptionalLong maxEntries,
    OptionalLong maxBytes,
    long evicted,
    boolean notifies) {}
