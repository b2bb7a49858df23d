package io.howdah.job;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Arguments;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Caller;
import io.howdah.job.JobOperations.Held;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with jobs of any queue: looking at them, ending them, having them run again; and
 * the calls that a worker is made of, for one that is not {@link Worker}. Thread-safe, cheap to
 * make, nothing to close.
 *
 * <p>All methods throw {@link InvalidArgumentException} for bad arguments, before anything is sent,
 * and {@link HowdahException} when the database does not answer.
 */
public final class Jobs {
  static final int QUEUE_BYTES = 128;
  static final int NAME_BYTES = 128;

  private static final int MOST_ROWS = 1_000;
  private static final int HOLDER_BYTES = 200;
  private static final int ERROR_CHARACTERS = 8_192;

  private final Caller caller;

  /** Use {@code Howdah.jobs} or {@code Transaction.jobs}. */
  public Jobs(Caller caller) {
    this.caller = caller;
  }

  static String queue(String queue) {
    return Arguments.text("queue", queue, QUEUE_BYTES);
  }

  static Held held(TakenJob job) {
    return new Held(job.id(), job.holder());
  }

  private static Held held(long id, String holder) {
    return new Held(id, Arguments.text("holder", holder, HOLDER_BYTES));
  }

  static long lease(Duration lease) {
    if (lease.compareTo(Duration.ofMillis(100)) < 0 || lease.compareTo(Duration.ofDays(1)) > 0) {
      throw new InvalidArgumentException("lease", "lease: 100 ms to 1 day expected, got " + lease);
    }
    return lease.toNanos() / 1_000;
  }

  private static int rows(int rows) {
    if (rows < 1 || rows > MOST_ROWS) {
      throw new InvalidArgumentException("maxRows", "maxRows: 1 to 1000 expected, got " + rows);
    }
    return rows;
  }

  /** As much as is kept, without what Postgres cannot store. */
  static String error(@Nullable String text) {
    String kept = String.valueOf(text).replace("\0", "");
    return kept.length() <= ERROR_CHARACTERS ? kept : kept.substring(0, ERROR_CHARACTERS);
  }

  /**
   * Takes jobs that are due: for the length of the lease nobody else gets them. Those whose lease
   * has ended are among them, as the next attempt.
   *
   * @param maxRows 1 to 1,000
   * @param lease 100 ms to 1 day
   * @param worker who takes them, for people: 1 to 128 bytes
   * @return the most urgent first; none when none is due
   */
  public List<TakenJob> take(String queue, int maxRows, Duration lease, String worker) {
    return caller.call(
        JobOperations.TAKE,
        new JobOperations.Take(
            queue(queue),
            rows(maxRows),
            lease(lease),
            Arguments.text("worker", worker, NAME_BYTES)));
  }

  /**
   * Gives its holder more time for a job, counted from now.
   *
   * @param holder {@link TakenJob#holder}
   * @return false when it is not his any more: it was cancelled, or its lease ended and another one
   *     took it
   */
  public boolean heartbeat(long id, String holder, Duration lease) {
    return caller
        .call(
            JobOperations.HEARTBEAT,
            new JobOperations.Renew(List.of(held(id, holder)), lease(lease)))
        .isEmpty();
  }

  /** It is done; false when it was not the holder's any more. */
  @CanIgnoreReturnValue
  public boolean complete(long id, String holder) {
    return caller.call(JobComplete.ONE, held(id, holder));
  }

  /**
   * It has failed.
   *
   * @param error why, of which 8,192 characters are kept
   * @param retryIn when it may run again, up to 36,500 days; null when never: it is dead
   * @return false when it was not the holder's any more
   */
  @CanIgnoreReturnValue
  public boolean fail(long id, String holder, String error, @Nullable Duration retryIn) {
    if (retryIn != null && (retryIn.isNegative() || retryIn.compareTo(Arguments.LONGEST) > 0)) {
      throw new InvalidArgumentException(
          "retryIn", "retryIn: 0 to 36500 days expected, got " + retryIn);
    }
    return caller.call(
        JobOperations.FAIL,
        new JobOperations.Fail(
            held(id, holder), error(error), retryIn == null ? null : retryIn.toNanos() / 1_000));
  }

  /** Gives it back as it was; false when it was not the holder's any more. */
  @CanIgnoreReturnValue
  public boolean release(long id, String holder) {
    return caller.call(JobOperations.RELEASE, List.of(held(id, holder))) > 0;
  }

  /**
   * Ends a job that waits or runs. Its handler hears of it at its next heartbeat, and cannot
   * complete it.
   *
   * @return false when there is no such job
   */
  @CanIgnoreReturnValue
  public boolean cancel(long id) {
    return caller.call(JobOperations.CANCEL, id);
  }

  /**
   * Has a job that is over run again: completed, dead or cancelled. It has all its attempts before
   * it.
   *
   * @return false when there is no such job, or an unfinished one has its unique key
   */
  @CanIgnoreReturnValue
  public boolean retry(long id) {
    return caller.call(JobOperations.RETRY, id);
  }

  /** A job; empty when there is none, or none any more. */
  public Optional<JobInfo> get(long id) {
    return caller.call(JobOperations.GET, id);
  }

  /**
   * Jobs of a queue in one state, by id.
   *
   * @param after the last id of the page before; 0 for the first
   * @param maxRows 1 to 1,000
   */
  public List<JobInfo> list(String queue, JobState state, long after, int maxRows) {
    return caller.call(
        JobOperations.LIST, new JobOperations.Page(queue(queue), state, after, rows(maxRows)));
  }

  /** How many there are of a queue. They are counted: a million take some tenths of a second. */
  public List<JobCount> counts(String queue) {
    return caller.call(JobOperations.COUNTS, Optional.of(queue(queue)));
  }

  /** How many there are of each queue. */
  public List<JobCount> counts() {
    return caller.call(JobOperations.COUNTS, Optional.empty());
  }

  /**
   * For how long a queue keeps jobs that end from now on, 0 (not at all) to 36,500 days.
   *
   * @param completed by default 1 day
   * @param failed those that are dead or cancelled: by default 14 days
   */
  public void keep(String queue, Duration completed, Duration failed) {
    Boolean done =
        caller.call(
            JobOperations.KEEP,
            new JobOperations.Keep(
                queue(queue), keep("completed", completed), keep("failed", failed)));
    assert done;
  }

  private static long keep(String argument, Duration time) {
    if (time.isNegative() || time.compareTo(Arguments.LONGEST) > 0) {
      throw new InvalidArgumentException(
          argument, argument + ": 0 to 36500 days expected, got " + time);
    }
    return time.toNanos() / 1_000;
  }
}
