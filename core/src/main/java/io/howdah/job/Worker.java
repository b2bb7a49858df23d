package io.howdah.job;

import io.howdah.HowdahException;
import io.howdah.engine.Listener;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs of one queue and has a handler do them. One thread takes; it is woken when a job is
 * enqueued, where that is heard, when the next one is due, and at the latest after the poll
 * interval. It stops for nothing but {@link #close}: while the database is away it tries again.
 */
public final class Worker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  private final Desk<?> desk;
  private final String name;
  private final WorkerSettings settings;
  private final Thread taker;
  private final Executor threads;
  private final @Nullable ExecutorService own;
  private final AtomicBoolean awake = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean stopping;
  private volatile Listener.@Nullable Feed feed;
  private volatile @Nullable ScheduledFuture<?> renewal;

  Worker(Desk<?> desk, String name, String threadName) {
    this.desk = desk;
    this.name = name;
    this.settings = desk.settings;
    Executor given = settings.executor();
    this.own = given == null ? threads(settings.concurrency(), threadName) : null;
    this.threads = given == null ? Objects.requireNonNull(own) : given;
    this.taker = new Thread(this::take, threadName);
    taker.setDaemon(true);
  }

  private static ExecutorService threads(int number, String name) {
    AtomicInteger count = new AtomicInteger();
    return Executors.newFixedThreadPool(
        number,
        work -> {
          Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  void start(Listener listener) {
    desk.onChange(this::wake);
    renewal = desk.store.renewals().every(settings.lease().dividedBy(3), desk::renew);
    taker.start();
    feed =
        listener.subscribe(
            "job",
            new Listener.Subscriber() {
              @Override
              public void onNotification(String queue) {
                if (queue.equals(desk.shape.queue())) {
                  wake();
                }
              }

              @Override
              public void onResync() {
                wake();
              }

              @Override
              public void onPoll() {
                // It polls by itself.
              }
            });
  }

  private void wake() {
    awake.set(true);
    LockSupport.unpark(taker);
  }

  private void take() {
    while (!stopping) {
      int room = desk.room();
      if (room == 0) {
        park(settings.pollInterval().toNanos());
        continue;
      }
      awake.set(false);
      long pause;
      try {
        pause = takeOnce(room);
      } catch (HowdahException e) {
        LOG.warn(
            "no jobs of {} could be taken, which is tried again: {}",
            desk.shape.queue(),
            e.getMessage());
        pause = jittered(settings.pollInterval().toNanos());
      } catch (RuntimeException e) {
        LOG.error("taking jobs of {} failed, which is tried again", desk.shape.queue(), e);
        pause = jittered(settings.pollInterval().toNanos());
      }
      park(pause);
    }
  }

  /** How long to pause, in nanoseconds. */
  private long takeOnce(int room) {
    List<TakenJob> jobs =
        desk.engine.call(
            JobOperations.TAKE,
            new JobOperations.Take(
                desk.shape.queue(), room, settings.lease().toNanos() / 1_000, name));
    if (!jobs.isEmpty()) {
      desk.put(jobs, threads);
      // Where there were as many as asked for there may be more.
      if (jobs.size() == room) {
        return 0;
      }
    }
    long pause = jittered(settings.pollInterval().toNanos());
    Long nextIn = desk.engine.call(JobOperations.NEXT_IN, desk.shape.queue());
    // At once only when something became due meanwhile: what others hold locked is looked for
    // later.
    return nextIn == null ? pause : Math.min(pause, Math.max(nextIn * 1_000, 1_000_000));
  }

  private static long jittered(long nanos) {
    return nanos / 2 + ThreadLocalRandom.current().nextLong(nanos / 2 + 1);
  }

  private void park(long nanos) {
    long until = System.nanoTime() + nanos;
    long left;
    while (!stopping && !awake.getAndSet(false) && (left = until - System.nanoTime()) > 0) {
      LockSupport.parkNanos(this, left);
    }
  }

  /** Takes no more jobs, and begins none of those it holds: they are given back. */
  void stopTaking() {
    stopping = true;
    wake();
  }

  /**
   * Takes no more jobs, gives back those that it has not begun, and waits for the others as long as
   * its grace lasts. Then it interrupts its threads, unless they are not its own; a handler that
   * ends so gives its job back. One that goes on keeps its job until the lease ends, so that nobody
   * else does it at the same time.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopTaking();
    if (feed != null) {
      feed.close();
    }
    if (!await(settings.grace(), () -> !taker.isAlive())) {
      LOG.warn("a worker on {} still waits for the database", desk.shape.queue());
    }
    desk.stop();
    if (!await(settings.grace(), desk::isIdle) && own != null) {
      var unused = own.shutdownNow();
      boolean ended = await(AFTER_INTERRUPT, desk::isIdle);
      LOG.info(
          "a worker on {} was interrupted after its grace; all ended: {}",
          desk.shape.queue(),
          ended);
    }
    if (renewal != null) {
      renewal.cancel(false);
    }
    if (own != null) {
      own.shutdown();
    }
    desk.store.ended(this);
  }

  private static boolean await(Duration time, BooleanSupplier condition) {
    long until = System.nanoTime() + time.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - until >= 0) {
        return false;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return true;
  }
}
