package io.howdah.stats;

/**
 * How the near cache of a namespace has done in this process.
 *
 * @param namespace whose values it keeps
 * @param hits reads that it answered
 * @param misses reads that went to the database
 * @param entries about how many values it keeps
 * @param isPushed whether it hears of changes; otherwise values live as long as its settings say
 */
public record NearStats(String namespace, long hits, long misses, long entries, boolean isPushed) {}
