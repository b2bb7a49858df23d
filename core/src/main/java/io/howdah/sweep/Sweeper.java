package io.howdah.sweep;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.engine.Caller;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps in the background, on one daemon thread, as long as it is open. Of the sweepers of all
 * processes one is at work at a time; the others look in now and then.
 *
 * <p>While there is much to do it works half of the time; when nothing is due it sleeps until
 * something is, but at most {@link #IDLE}.
 */
public final class Sweeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);

  private static final Duration FIRST = Duration.ofSeconds(2);
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final Duration IDLE_LEAST = Duration.ofMillis(250);
  private static final Duration STANDBY = Duration.ofSeconds(30);
  private static final Duration FAILED_MOST = Duration.ofMinutes(1);
  private static final Duration WARN_AGAIN = Duration.ofMinutes(10);

  private final Caller caller;
  private final Consumer<SweepReport> listener;
  private final Thread thread;
  private volatile boolean closed;

  private Duration failed = Duration.ZERO;
  private @Nullable Long warnedAt;

  /**
   * Not started yet.
   *
   * @param listener told, on the sweeper's thread, about each batch that looked at anything
   */
  public Sweeper(Caller caller, String threadName, Consumer<SweepReport> listener) {
    this.caller = caller;
    this.listener = listener;
    this.thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Lets a batch that is under way end, for a second at most, and begins no other. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    // A process that starts has enough to do; and those that start together do not look in
    // together.
    pause(jitter(FIRST));
    while (!closed) {
      Duration pause;
      long began = System.nanoTime();
      try {
        SweepReport report = SweepOperation.sweepDue(caller);
        pause = after(report, Duration.ofNanos(System.nanoTime() - began));
      } catch (HowdahException e) {
        if (e.code() == ErrorCode.CLOSED) {
          return;
        }
        pause = afterFailure(e);
      } catch (RuntimeException e) {
        pause = afterFailure(e);
      }
      pause(pause);
    }
  }

  private Duration after(SweepReport report, Duration took) {
    if (!failed.isZero()) {
      LOG.info("sweeping works again");
      failed = Duration.ZERO;
    }
    report.warning().ifPresent(this::warn);
    if (report.pages() > 0) {
      LOG.debug("{}", report);
      tell(report);
    }
    return switch (report.outcome()) {
      case BUSY -> jitter(IDLE);
      case STANDBY -> STANDBY;
      case SWEPT -> report.isDone() ? idle(report.nextIn()) : longer(took, LEAST);
    };
  }

  private void tell(SweepReport report) {
    try {
      listener.accept(report);
    } catch (RuntimeException e) {
      LOG.warn("the sweep listener failed", e);
    }
  }

  private static Duration idle(Duration nextIn) {
    return nextIn.compareTo(IDLE) < 0 ? longer(nextIn, IDLE_LEAST) : jitter(IDLE);
  }

  /** A fault of the database's is its callers' to report; here it is enough to say so once. */
  private Duration afterFailure(RuntimeException e) {
    if (failed.isZero()) {
      LOG.warn("sweeping fails, and is tried again: {}", e.getMessage());
      LOG.debug("sweeping fails", e);
      failed = Duration.ofSeconds(1);
    } else if (failed.compareTo(FAILED_MOST) < 0) {
      failed = failed.multipliedBy(2);
    }
    return jitter(failed);
  }

  private void warn(String warning) {
    long now = System.nanoTime();
    if (warnedAt == null || now - warnedAt >= WARN_AGAIN.toNanos()) {
      warnedAt = now;
      LOG.warn("{}", warning);
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Three quarters of it up to all of it. */
  private static Duration jitter(Duration duration) {
    return duration.minusNanos(ThreadLocalRandom.current().nextLong(duration.toNanos() / 4 + 1));
  }

  private void pause(Duration duration) {
    long until = System.nanoTime() + duration.toNanos();
    long left;
    while (!closed && (left = until - System.nanoTime()) > 0) {
      LockSupport.parkNanos(this, left);
    }
  }
}
