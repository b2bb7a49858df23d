package io.howdah.job;

import java.time.Instant;

/**
 * How many jobs of a queue are in a state.
 *
 * @param queue the queue
 * @param state {@code due}, {@code scheduled} for later, {@code running}, {@code completed}, {@code
 *     dead} or {@code cancelled}
 * @param jobs how many, at least one
 * @param oldestRunAt when the first of them was to run
 */
public record JobCount(String queue, String state, long jobs, Instant oldestRunAt) {}
