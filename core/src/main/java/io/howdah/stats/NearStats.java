package io.howdah.stats;

/**
 * How a near cache has done in this process.
 *
 * @param kind of what it keeps: {@code kv}, {@code cache} or {@code preference}
 * @param name of the namespace or cache whose values it keeps
 * @param hits reads that it answered
 * @param misses reads that went to the database
 * @param entries about how many values it keeps
 * @param isPushed whether it hears of changes; otherwise values live as long as its settings say
 */
public record NearStats(
    String kind, String name, long hits, long misses, long entries, boolean isPushed) {}
