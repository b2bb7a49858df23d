package io.howdah.job;

import io.howdah.Arguments;
import io.howdah.InvalidArgumentException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** How a {@link Worker} works. Immutable: each method returns another one. */
public final class WorkerSettings {
  private static final WorkerSettings DEFAULTS =
      new WorkerSettings(
          10,
          0,
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          JobBackoff.DEFAULT,
          null,
          null);

  private final int concurrency;
  private final int prefetch;
  private final Duration lease;
  private final Duration pollInterval;
  private final Duration grace;
  private final JobBackoff backoff;
  private final @Nullable Executor executor;
  private final @Nullable String name;

  private WorkerSettings(
      int concurrency,
      int prefetch,
      Duration lease,
      Duration pollInterval,
      Duration grace,
      JobBackoff backoff,
      @Nullable Executor executor,
      @Nullable String name) {
    this.concurrency = concurrency;
    this.prefetch = prefetch;
    this.lease = lease;
    this.pollInterval = pollInterval;
    this.grace = grace;
    this.backoff = backoff;
    this.executor = executor;
    this.name = name;
  }

  /** What each option says. */
  public static WorkerSettings defaults() {
    return DEFAULTS;
  }

  /** How many jobs it does at once, 1 to 1,000. Default: 10. */
  public WorkerSettings concurrency(int jobs) {
    return new WorkerSettings(
        within("concurrency", jobs, 1, 1_000),
        prefetch,
        lease,
        pollInterval,
        grace,
        backoff,
        executor,
        name);
  }

  /**
   * How many jobs it holds beside those that it does, so that short ones follow at once: 0 to
   * 1,000. A job that it holds waits while others are idle, and what is more urgent does not
   * overtake it: leave it at 0 where jobs take longer than some milliseconds. Default: 0.
   */
  public WorkerSettings prefetch(int jobs) {
    return new WorkerSettings(
        concurrency,
        within("prefetch", jobs, 0, 1_000),
        lease,
        pollInterval,
        grace,
        backoff,
        executor,
        name);
  }

  /**
   * For how long a job is this worker's after it was last heard of, 300 ms to 1 day: it renews the
   * leases three times in that time, however long a job takes. Default: 30 s.
   */
  public WorkerSettings lease(Duration time) {
    return new WorkerSettings(
        concurrency,
        prefetch,
        within("lease", time, Duration.ofMillis(300), Duration.ofDays(1)),
        pollInterval,
        grace,
        backoff,
        executor,
        name);
  }

  /**
   * How often it looks for jobs where it hears of none, 10 ms to 1 minute; half as often to as
   * often as this, at random. Default: 1 s.
   */
  public WorkerSettings pollInterval(Duration time) {
    return new WorkerSettings(
        concurrency,
        prefetch,
        lease,
        within("pollInterval", time, Duration.ofMillis(10), Duration.ofMinutes(1)),
        grace,
        backoff,
        executor,
        name);
  }

  /** How long {@link Worker#close} waits for what it does to end, 0 to 1 day. Default: 30 s. */
  public WorkerSettings grace(Duration time) {
    return new WorkerSettings(
        concurrency,
        prefetch,
        lease,
        pollInterval,
        within("grace", time, Duration.ZERO, Duration.ofDays(1)),
        backoff,
        executor,
        name);
  }

  /**
   * How long jobs wait after they failed that do not say so themselves. Default: {@link
   * JobBackoff#DEFAULT}.
   */
  public WorkerSettings backoff(JobBackoff pauses) {
    return new WorkerSettings(
        concurrency, prefetch, lease, pollInterval, grace, pauses, executor, name);
  }

  /**
   * Runs the handler, such as one that makes a virtual thread for each task; it has to run what it
   * is given at once. It is not shut down, and its threads are not interrupted. Default: as many
   * daemon threads of its own as {@link #concurrency} says.
   */
  public WorkerSettings executor(Executor threads) {
    return new WorkerSettings(
        concurrency, prefetch, lease, pollInterval, grace, backoff, threads, name);
  }

  /** What it is called in the table, 1 to 128 bytes. Default: its process and machine. */
  public WorkerSettings name(String text) {
    return new WorkerSettings(
        concurrency,
        prefetch,
        lease,
        pollInterval,
        grace,
        backoff,
        executor,
        Arguments.text("name", text, Jobs.NAME_BYTES));
  }

  int concurrency() {
    return concurrency;
  }

  int prefetch() {
    return prefetch;
  }

  Duration lease() {
    return lease;
  }

  Duration pollInterval() {
    return pollInterval;
  }

  Duration grace() {
    return grace;
  }

  JobBackoff backoff() {
    return backoff;
  }

  @Nullable Executor executor() {
    return executor;
  }

  @Nullable String name() {
    return name;
  }

  private static int within(String argument, int value, int least, int most) {
    if (value < least || value > most) {
      throw new InvalidArgumentException(
          argument, argument + ": " + least + " to " + most + " expected, got " + value);
    }
    return value;
  }

  private static Duration within(String argument, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidArgumentException(
          argument, argument + ": " + least + " to " + most + " expected, got " + value);
    }
    return value;
  }
}
