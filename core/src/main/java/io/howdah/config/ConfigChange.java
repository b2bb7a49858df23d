package io.howdah.config;

import java.time.Instant;
import java.util.Optional;

/**
 * One change of a configuration value.
 *
 * @param revision larger than those of all earlier changes of the key
 * @param changedAt when
 * @param changedBy who
 * @param reason why; empty when nobody said so
 * @param before what it was, as JSON; empty when there was none
 * @param after what it is since, as JSON; empty when it was taken away
 */
public record ConfigChange(
    long revision,
    Instant changedAt,
    String changedBy,
    Optional<String> reason,
    Optional<String> before,
    Optional<String> after) {}
