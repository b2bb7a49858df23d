package io.howdah.stats;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the sweepers of all processes did in one table, since the schema was made.
 *
 * @param removedRows dead rows that were removed
 * @param evictedRows live rows that were removed for want of room
 * @param removedRowsPerSecond dead rows for each second of work; empty before the first
 * @param backlog how long the oldest row that the last visit removed had been dead: when it grows,
 *     sweeping does not keep up
 * @param sinceLast how long ago somebody swept there; empty when nobody ever did
 */
public record SweepStats(
    long removedRows,
    long evictedRows,
    OptionalDouble removedRowsPerSecond,
    Duration backlog,
    Optional<Duration> sinceLast) {}
