package io.howdah.flag;

import java.time.Instant;
import java.util.Optional;

/**
 * One change of a flag.
 *
 * @param revision its number, in the order in which changes were made
 * @param changedAt when
 * @param changedBy who
 * @param reason why; empty when nobody said so
 * @param before what the flag was, as JSON; empty when there was none
 * @param after what it is since, as JSON; empty when it was deleted
 */
public record FlagChange(
    long revision,
    Instant changedAt,
    String changedBy,
    Optional<String> reason,
    Optional<String> before,
    Optional<String> after) {}
