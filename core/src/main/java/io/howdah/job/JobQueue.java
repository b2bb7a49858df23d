package io.howdah.job;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Codec;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Caller;
import io.howdah.engine.Engine;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Jobs of one queue. Thread-safe, cheap to make, nothing to close.
 *
 * <pre>{@code
 * JobQueue<Mail> mails = howdah.jobs("mail", Mail.class);
 * long id = mails.enqueue(new Mail("ann@example.org"));
 * Worker worker = mails.worker(job -> send(job.payload()), WorkerSettings.defaults());
 * }</pre>
 *
 * <p>A queue has a name of 1 to 128 bytes, and needs nothing to be made. A payload is at most 1 MiB
 * of JSON. Inside a transaction of yours ({@code tx.jobs}) a job is there when it commits, and
 * never was when it rolls back.
 *
 * <p>All methods throw {@link InvalidArgumentException} for bad arguments, before anything is sent;
 * {@link io.howdah.CallFailedException} when there was no answer, which says whether a job may have
 * been enqueued; {@link HowdahException} with {@link io.howdah.ErrorCode#CODEC} when a payload
 * cannot be made JSON of.
 *
 * @param <T> the payload
 */
public final class JobQueue<T> {
  private final JobShape<T> shape;
  private final Caller caller;
  private final JobStore store;

  /** Use {@code Howdah.jobs} or {@code Transaction.jobs}. */
  public JobQueue(String queue, Codec<T> codec, Caller caller, JobStore store) {
    this.shape = new JobShape<>(queue, codec);
    this.caller = caller;
    this.store = store;
  }

  public String name() {
    return shape.queue();
  }

  /** Enqueues a job, to run now. Its id. */
  @CanIgnoreReturnValue
  public long enqueue(T payload) {
    return Objects.requireNonNull(
        caller.call(JobEnqueue.ONE, shape.job(payload, JobOptions.defaults())));
  }

  /** Enqueues a job. Its id; empty when an unfinished job of the queue has its unique key. */
  @CanIgnoreReturnValue
  public OptionalLong enqueue(T payload, JobOptions options) {
    Long id = caller.call(JobEnqueue.ONE, shape.job(payload, options));
    return id == null ? OptionalLong.empty() : OptionalLong.of(id);
  }

  /** Enqueues jobs in one statement: all or none. Their ids, in their order. */
  @CanIgnoreReturnValue
  public List<Long> enqueueAll(Collection<? extends T> payloads) {
    return enqueueAll(payloads, JobOptions.defaults());
  }

  /**
   * {@link #enqueueAll(Collection)} with the same options for each, among them no unique key.
   *
   * @param payloads at most 10,000, with 16 million characters of JSON
   */
  @CanIgnoreReturnValue
  public List<Long> enqueueAll(Collection<? extends T> payloads, JobOptions options) {
    List<JobEnqueue.NewJob> jobs = shape.jobs(payloads, options);
    return jobs.isEmpty()
        ? List.of()
        : caller.call(JobEnqueue.ALL, jobs).stream().filter(Objects::nonNull).toList();
  }

  /**
   * Enqueueing without waiting.
   *
   * @throws InvalidArgumentException in a joined transaction, which is one connection
   */
  public AsyncJobQueue<T> async() {
    return new AsyncJobQueue<>(shape, engine("async"));
  }

  /**
   * Starts a worker in this process, until it or the Howdah is closed.
   *
   * @throws InvalidArgumentException in a joined transaction
   */
  public Worker worker(JobHandler<T> handler, WorkerSettings settings) {
    return store.start(shape, handler, settings, engine("worker"));
  }

  /** {@link #worker(JobHandler, WorkerSettings)} with the defaults. */
  public Worker worker(JobHandler<T> handler) {
    return worker(handler, WorkerSettings.defaults());
  }

  private Engine engine(String method) {
    Engine engine = caller.engine();
    if (engine != null) {
      return engine;
    }
    throw new InvalidArgumentException(
        method, method + ": not inside a transaction: its connection does one thing at a time");
  }

  /** {@link Jobs#list} of this queue. */
  public List<JobInfo> list(JobState state, long after, int maxRows) {
    return new Jobs(caller).list(name(), state, after, maxRows);
  }

  /** {@link Jobs#counts(String)} of this queue. */
  public List<JobCount> counts() {
    return new Jobs(caller).counts(name());
  }

  /** {@link Jobs#cancel}. */
  @CanIgnoreReturnValue
  public boolean cancel(long id) {
    return new Jobs(caller).cancel(id);
  }

  /** {@link Jobs#retry}. */
  @CanIgnoreReturnValue
  public boolean retry(long id) {
    return new Jobs(caller).retry(id);
  }
}
