package io.howdah.job;

import java.time.Instant;
import java.util.Optional;

/**
 * A job, as it is stored.
 *
 * @param id its number
 * @param queue its queue
 * @param state where it is
 * @param payload JSON, as Postgres writes it
 * @param attempt of how many attempts this is, or was, the last; 0 before the first
 * @param maxAttempts how many it may have
 * @param priority the smaller the sooner
 * @param runAt when it is to run, not before
 * @param enqueuedAt when it was enqueued
 * @param takenAt when the last attempt began
 * @param leasedUntil until when it is its worker's, while it is running
 * @param endedAt when it ended
 * @param holder who runs it, or ran it last: the worker's name and the number of the lease
 * @param error of the last attempt that failed
 * @param uniqueKey of which no other unfinished job of the queue has the same
 */
public record JobInfo(
    long id,
    String queue,
    JobState state,
    String payload,
    int attempt,
    int maxAttempts,
    int priority,
    Instant runAt,
    Instant enqueuedAt,
    Optional<Instant> takenAt,
    Optional<Instant> leasedUntil,
    Optional<Instant> endedAt,
    Optional<String> holder,
    Optional<String> error,
    Optional<String> uniqueKey) {}
