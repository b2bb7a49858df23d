package io.howdah.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A job that somebody has taken: his, until the lease ends.
 *
 * @param id its number
 * @param queue its queue
 * @param payload JSON, as Postgres writes it
 * @param attempt the how manieth this is, from 1
 * @param maxAttempts how many it may have
 * @param priority the smaller the sooner
 * @param runAt when it was to run
 * @param enqueuedAt when it was enqueued
 * @param holder what to say with every call about it
 * @param leasedUntil until when nobody else gets it, by Postgres's clock, unless renewed
 * @param backoff how long it waits after a failure, where its sender has said so
 */
public record TakenJob(
    long id,
    String queue,
    String payload,
    int attempt,
    int maxAttempts,
    int priority,
    Instant runAt,
    Instant enqueuedAt,
    String holder,
    Instant leasedUntil,
    Optional<JobBackoff> backoff) {

  /** How long it waits after this attempt fails; empty when it was the last one. */
  Optional<Duration> retryIn(JobBackoff otherwise) {
    return attempt >= maxAttempts
        ? Optional.empty()
        : Optional.of(backoff.orElse(otherwise).pause(attempt));
  }
}
