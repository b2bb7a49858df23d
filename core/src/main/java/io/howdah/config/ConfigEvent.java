package io.howdah.config;

/**
 * A configuration value has become another one in this process.
 *
 * @param key its key
 * @param before what it was
 * @param after what it is now
 */
public record ConfigEvent<V>(ConfigKey<V> key, V before, V after) {}
