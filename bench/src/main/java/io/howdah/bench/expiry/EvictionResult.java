package io.howdah.bench.expiry;

/**
 * A namespace that evicts, read with a Zipf distribution.
 *
 * @param bound how many values it may hold
 * @param meanEntries how many it held, on average, while hits were counted
 * @param reads how many reads were counted
 * @param hitRate the share of them that found a value
 * @param fifoHitRate of the same reads, by a cache of {@code meanEntries} that drops what came
 *     first
 * @param lruHitRate of the same reads, by a cache of {@code meanEntries} that drops what was used
 *     longest ago
 */
public record EvictionResult(
    int bound,
    long meanEntries,
    long reads,
    double hitRate,
    double fifoHitRate,
    double lruHitRate) {}
