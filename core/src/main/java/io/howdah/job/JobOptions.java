package io.howdah.job;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a job is enqueued. Immutable: each method returns another one. */
public final class JobOptions {
  static final int LOWEST_PRIORITY = 100;

  private static final int KEY_BYTES = 512;
  private static final int MOST_ATTEMPTS = 1_000_000;
  private static final JobOptions DEFAULTS = new JobOptions(null, null, 0, null, 25, null);

  private final @Nullable Instant runAt;
  private final @Nullable Duration delay;
  private final int priority;
  private final @Nullable String uniqueKey;
  private final int maxAttempts;
  private final @Nullable JobBackoff backoff;

  private JobOptions(
      @Nullable Instant runAt,
      @Nullable Duration delay,
      int priority,
      @Nullable String uniqueKey,
      int maxAttempts,
      @Nullable JobBackoff backoff) {
    this.runAt = runAt;
    this.delay = delay;
    this.priority = priority;
    this.uniqueKey = uniqueKey;
    this.maxAttempts = maxAttempts;
    this.backoff = backoff;
  }

  /** Now, with priority 0, no unique key, 25 attempts, and the worker's backoff. */
  public static JobOptions defaults() {
    return DEFAULTS;
  }

  /** Not before this time, by Postgres's clock; instead of a delay. */
  public JobOptions runAt(Instant time) {
    if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.EPOCH.plus(Arguments.LONGEST))) {
      throw new InvalidArgumentException("runAt", "runAt: 1970 to 2069 expected, got " + time);
    }
    return new JobOptions(time, null, priority, uniqueKey, maxAttempts, backoff);
  }

  /** Not before this time has passed: 1 microsecond to 36,500 days; instead of {@link #runAt}. */
  public JobOptions delay(Duration time) {
    long checked = Arguments.micros("delay", time);
    assert checked > 0;
    return new JobOptions(null, time, priority, uniqueKey, maxAttempts, backoff);
  }

  /** Of the jobs that are due, those with a smaller priority run first: -100 to 100. Default: 0. */
  public JobOptions priority(int number) {
    if (number < -LOWEST_PRIORITY || number > LOWEST_PRIORITY) {
      throw new InvalidArgumentException(
          "priority", "priority: -100 to 100 expected, got " + number);
    }
    return new JobOptions(runAt, delay, number, uniqueKey, maxAttempts, backoff);
  }

  /** While an unfinished job of the queue has this key, no other one gets it: 1 to 512 bytes. */
  public JobOptions uniqueKey(String key) {
    String checked = Arguments.text("uniqueKey", key, KEY_BYTES);
    return new JobOptions(runAt, delay, priority, checked, maxAttempts, backoff);
  }

  /** How often it may run, lost leases included, before it is dead: 1 to 1,000,000. Default: 25. */
  public JobOptions maxAttempts(int number) {
    if (number < 1 || number > MOST_ATTEMPTS) {
      throw new InvalidArgumentException(
          "maxAttempts", "maxAttempts: 1 to 1000000 expected, got " + number);
    }
    return new JobOptions(runAt, delay, priority, uniqueKey, number, backoff);
  }

  /** How long it waits after attempts that fail. Default: as the worker says. */
  public JobOptions backoff(JobBackoff pauses) {
    return new JobOptions(runAt, delay, priority, uniqueKey, maxAttempts, pauses);
  }

  /** As SQL reads it. */
  @Nullable String runAtText() {
    return runAt == null ? null : runAt.toString();
  }

  @Nullable Long delayMicros() {
    return delay == null ? null : delay.toNanos() / 1_000;
  }

  int priority() {
    return priority;
  }

  @Nullable String uniqueKey() {
    return uniqueKey;
  }

  int maxAttempts() {
    return maxAttempts;
  }

  @Nullable Long backoffMicros() {
    return backoff == null ? null : backoff.first().toNanos() / 1_000;
  }

  @Nullable Long mostBackoffMicros() {
    return backoff == null ? null : backoff.most().toNanos() / 1_000;
  }
}
