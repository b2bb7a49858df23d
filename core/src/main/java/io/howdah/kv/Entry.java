package io.howdah.kv;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A value with all that is known of it.
 *
 * @param key its key
 * @param value the value
 * @param version grows with every write, and does not repeat for a key, also after it was deleted
 * @param expiresAt when it ends, by Postgres's clock; empty when it has no end
 * @param createdAt when this life of the key began
 * @param updatedAt when the value was last written
 * @param timeToLive how long it still had when it was read; empty when it has no end
 * @param <V> the type of the value
 */
public record Entry<V>(
    String key,
    V value,
    long version,
    Optional<Instant> expiresAt,
    Instant createdAt,
    Instant updatedAt,
    Optional<Duration> timeToLive) {}
