package io.howdah.job;

import io.howdah.HowdahException;
import io.howdah.engine.Engine;
import io.howdah.job.JobOperations.Held;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that a worker holds: those that wait for a thread of it, those that are being done, and
 * those whose end is on its way to the database.
 */
final class Desk<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  final WorkerSettings settings;
  final JobShape<T> shape;
  final Engine engine;
  final JobStore store;
  private final JobHandler<T> handler;
  private final Queue<TakenJob> waiting = new ConcurrentLinkedQueue<>();
  private final Map<Long, TakenJob> held = new ConcurrentHashMap<>();
  private final Map<Long, JobContext<T>> handled = new ConcurrentHashMap<>();
  private final AtomicInteger active = new AtomicInteger();
  private volatile boolean closing;
  private volatile Runnable changed = () -> {};

  Desk(
      JobShape<T> shape,
      JobHandler<T> handler,
      WorkerSettings settings,
      Engine engine,
      JobStore store) {
    this.shape = shape;
    this.handler = handler;
    this.settings = settings;
    this.engine = engine;
    this.store = store;
  }

  /** Tells {@code listener} when there may be room again. */
  void onChange(Runnable listener) {
    changed = listener;
  }

  /**
   * How many jobs to take now. While every thread has work, prefetched jobs are fetched by the
   * half, since few large statements beat many small ones.
   */
  int room() {
    int free = settings.concurrency() + settings.prefetch() - held.size();
    boolean someIdle = active.get() < settings.concurrency();
    return someIdle || free * 2 >= settings.prefetch() ? Math.max(0, Math.min(free, 1_000)) : 0;
  }

  void put(List<TakenJob> jobs, Executor threads) {
    for (TakenJob job : jobs) {
      held.put(job.id(), job);
    }
    waiting.addAll(jobs);
    if (closing) {
      release(drain());
      return;
    }
    while (!waiting.isEmpty() && begin()) {
      try {
        threads.execute(this::workOff);
      } catch (RejectedExecutionException e) {
        active.decrementAndGet();
        LOG.error(
            "the executor of a worker on {} takes no task: its jobs are given back",
            shape.queue(),
            e);
        release(drain());
        return;
      }
    }
  }

  private boolean begin() {
    return active.getAndUpdate(n -> Math.min(n + 1, settings.concurrency()))
        < settings.concurrency();
  }

  private void workOff() {
    do {
      try {
        TakenJob job;
        while (!closing && (job = waiting.poll()) != null) {
          work(job);
        }
      } finally {
        active.decrementAndGet();
        changed.run();
      }
      // One may have come after the last look, when every thread seemed to have work.
    } while (!closing && !waiting.isEmpty() && begin());
  }

  private void work(TakenJob job) {
    if (!held.containsKey(job.id())) {
      return;
    }
    JobContext<T> context;
    try {
      context = new JobContext<>(job, shape.payload(job), store);
    } catch (RuntimeException e) {
      failed(job, e);
      return;
    }
    handled.put(job.id(), context);
    if (!held.containsKey(job.id())) {
      context.lose();
    }
    try {
      handler.handle(context);
      if (context.isCompleted()) {
        forget(job);
      } else if (context.isLost()) {
        LOG.info(
            "the job {} of {} was done, but it was lost or cancelled meanwhile",
            job.id(),
            shape.queue());
        forget(job);
      } else {
        complete(job);
      }
    } catch (Throwable e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (context.isCompleted()) {
        LOG.warn(
            "the handler of the job {} of {} failed after it was completed",
            job.id(),
            shape.queue(),
            e);
        forget(job);
      } else if (closing && Thread.interrupted()) {
        release(List.of(job));
      } else if (context.isLost()) {
        LOG.info(
            "the job {} of {} failed, but it was lost or cancelled meanwhile: {}",
            job.id(),
            shape.queue(),
            e.toString());
        forget(job);
      } else {
        failed(job, e);
      }
    } finally {
      handled.remove(job.id());
    }
  }

  /** The thread goes on with the next one; there is room for another when this is acknowledged. */
  private void complete(TakenJob job) {
    try {
      var unused =
          engine
              .callAsync(JobComplete.ONE, Jobs.held(job))
              .whenComplete((done, failure) -> {
                if (failure != null) {
                  LOG.warn(
                      "the job {} of {} was done, but could not be completed: it may run again",
                      job.id(),
                      shape.queue(),
                      failure);
                } else if (!done) {
                  LOG.info(
                      "the job {} of {} was done, but it was lost or cancelled meanwhile",
                      job.id(),
                      shape.queue());
                }
                forget(job);
              });
    } catch (HowdahException e) {
      LOG.warn(
          "the job {} of {} was done, but could not be completed: it may run again",
          job.id(),
          shape.queue(),
          e);
      forget(job);
    }
  }

  private void failed(TakenJob job, Throwable error) {
    Optional<Duration> retryIn = job.retryIn(settings.backoff());
    LOG.warn(
        "attempt {} of {} at the job {} of {} failed; {}",
        job.attempt(),
        job.maxAttempts(),
        job.id(),
        shape.queue(),
        retryIn.map(pause -> "the next one comes in " + pause).orElse("it is dead"),
        error);
    try {
      boolean noted =
          engine.call(
              JobOperations.FAIL,
              new JobOperations.Fail(
                  Jobs.held(job),
                  Jobs.error(error.toString()),
                  retryIn.map(pause -> pause.toNanos() / 1_000).orElse(null)));
      LOG.trace("the failure of the job {} is noted: {}", job.id(), noted);
    } catch (HowdahException e) {
      LOG.warn(
          "that the job {} of {} failed could not be noted: it runs again after its lease",
          job.id(),
          shape.queue(),
          e);
    }
    forget(job);
  }

  private void forget(TakenJob job) {
    var unused = held.remove(job.id());
    changed.run();
  }

  /** Those that nobody has begun. */
  private List<TakenJob> drain() {
    List<TakenJob> jobs = new ArrayList<>();
    TakenJob job;
    while ((job = waiting.poll()) != null) {
      jobs.add(job);
    }
    return jobs;
  }

  private void release(List<TakenJob> jobs) {
    if (jobs.isEmpty()) {
      return;
    }
    try {
      long given = engine.call(JobOperations.RELEASE, jobs.stream().map(Jobs::held).toList());
      LOG.debug("{} jobs of {} were given back", given, shape.queue());
    } catch (HowdahException e) {
      LOG.warn(
          "{} jobs of {} could not be given back: they run after their lease",
          jobs.size(),
          shape.queue(),
          e);
    }
    jobs.forEach(this::forget);
  }

  /** Renews all leases; without waiting. */
  void renew() {
    List<Held> jobs = held.values().stream().map(Jobs::held).toList();
    if (jobs.isEmpty()) {
      return;
    }
    try {
      var unused =
          engine
              .callAsync(
                  JobOperations.HEARTBEAT,
                  new JobOperations.Renew(jobs, settings.lease().toNanos() / 1_000))
              .whenComplete((lost, failure) -> {
                if (failure != null) {
                  LOG.debug("leases of {} could not be renewed this time", shape.queue(), failure);
                } else {
                  lost.forEach(this::lost);
                }
              });
    } catch (HowdahException e) {
      LOG.debug("leases of {} could not be renewed this time", shape.queue(), e);
    }
  }

  private void lost(long id) {
    // One that has just been completed is not there any more either, nor held.
    JobContext<T> context = handled.get(id);
    if (context != null && !context.isCompleted()) {
      LOG.info("the job {} of {} was lost or cancelled while it was done", id, shape.queue());
      try {
        context.lose();
      } catch (RuntimeException e) {
        LOG.error("what was to be done when the job {} was lost failed", id, e);
      }
    } else if (context == null && waiting.removeIf(job -> job.id() == id)) {
      var unused = held.remove(id);
      changed.run();
    }
  }

  /** No more is begun; what nobody has begun is given back. */
  void stop() {
    closing = true;
    release(drain());
  }

  boolean isIdle() {
    return active.get() == 0 && held.isEmpty();
  }
}
