package io.howdah.config;

/**
 * A configuration value.
 *
 * @param value what it is
 * @param origin where it comes from
 */
public record ConfigValue<V>(V value, ConfigOrigin origin) {}
