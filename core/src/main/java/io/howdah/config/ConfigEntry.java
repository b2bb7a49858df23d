package io.howdah.config;

import java.time.Instant;
import java.util.Optional;

/**
 * A configuration value as it is stored.
 *
 * @param key its key
 * @param json what it is, as JSON
 * @param version another one after each write
 * @param updatedAt when it was written last
 * @param changedBy who did; empty when it was not written as a configuration value, but by {@code
 *     kv_set}
 * @param reason why; empty when nobody said so
 */
public record ConfigEntry(
    String key,
    String json,
    long version,
    Instant updatedAt,
    Optional<String> changedBy,
    Optional<String> reason) {}
