package io.howdah.kv;

import java.time.Instant;
import java.util.Optional;

/**
 * A value in a scan.
 *
 * @param key its key
 * @param value the value
 * @param version as in {@link Entry#version}
 * @param expiresAt when it ends, by Postgres's clock; empty when it has no end
 * @param <V> the type of the value
 */
public record KeyValue<V>(String key, V value, long version, Optional<Instant> expiresAt) {}
