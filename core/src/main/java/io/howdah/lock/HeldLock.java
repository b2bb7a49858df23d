package io.howdah.lock;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Arguments;
import io.howdah.HowdahException;
import io.howdah.engine.Engine;
import io.howdah.lock.LockOperations.Args;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that this process has acquired. It ends by itself when its time is over, whatever its
 * holder does: one that was paused for longer, by a garbage collection or a frozen machine, goes on
 * beside the next holder. What must not happen twice is kept by sending {@link #token} along and
 * refusing a smaller one than was seen: see docs/locks.md.
 *
 * <p>Thread-safe; not bound to the thread that acquired it, and not reentrant.
 */
public final class HeldLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HeldLock.class);

  private final String name;
  private final String owner;
  private final long token;
  private final Engine engine;
  private final Renewals renewals;
  private final List<Runnable> onLost = new CopyOnWriteArrayList<>();
  private volatile long untilNanos;
  private volatile boolean over;
  private volatile @Nullable ScheduledFuture<?> renewal;

  HeldLock(
      String name, String owner, long token, long untilNanos, Engine engine, Renewals renewals) {
    this.name = name;
    this.owner = owner;
    this.token = token;
    this.untilNanos = untilNanos;
    this.engine = engine;
    this.renewals = renewals;
  }

  public String name() {
    return name;
  }

  /** Who holds it, in words. */
  public String owner() {
    return owner;
  }

  /**
   * The fencing token: larger than every one that was given before, for any lock of this schema.
   */
  public long token() {
    return token;
  }

  /**
   * Whether it is still held, as far as this process knows without asking: its time, counted from
   * before the call that acquired or renewed it, is not over, and nobody has said that it was lost.
   * The answer may be out of date before it is used.
   */
  public boolean isHeld() {
    return !over && System.nanoTime() - untilNanos < 0;
  }

  /**
   * Gives it a new time, counted from now.
   *
   * @param ttl 1 microsecond to 36,500 days
   * @return false when it was lost, or released
   * @throws HowdahException when the database does not answer; it may be renewed then or not
   */
  @CanIgnoreReturnValue
  public boolean renew(Duration ttl) {
    long asked = System.nanoTime();
    Args args = args(Arguments.micros("ttl", ttl));
    return renewed(engine.call(LockOperations.RENEW, args), asked, ttl);
  }

  /**
   * Renews it by itself, three times in each {@code ttl}, until it is released, lost, or the Howdah
   * closed. So a holder that lives keeps it, and one that died frees it after {@code ttl}.
   *
   * @param ttl 30 milliseconds to 36,500 days
   */
  @CanIgnoreReturnValue
  public HeldLock renewing(Duration ttl) {
    Renewals.check(ttl);
    ScheduledFuture<?> before = renewal;
    if (before != null) {
      before.cancel(false);
    }
    renewal = renewals.every(ttl.dividedBy(3), () -> renewBySelf(ttl));
    return this;
  }

  private void renewBySelf(Duration ttl) {
    if (over) {
      stopRenewing();
      return;
    }
    if (!isHeld()) {
      lost();
      return;
    }
    long asked = System.nanoTime();
    var unused =
        engine
            .callAsync(LockOperations.RENEW, args(ttl.toNanos() / 1_000))
            .whenComplete((held, failure) -> {
              if (failure != null) {
                LOG.debug("the lock {} could not be renewed this time", name, failure);
              } else {
                boolean kept = renewed(held, asked, ttl);
                LOG.trace("the lock {} is renewed: {}", name, kept);
              }
            });
  }

  private boolean renewed(boolean held, long askedNanos, Duration ttl) {
    if (held) {
      untilNanos = askedNanos + ttl.toNanos();
    } else if (!over) {
      lost();
    }
    return held;
  }

  /**
   * Runs {@code action} when this process learns, by {@link #renew} or {@link #renewing}, that the
   * lock was lost. Not when it is released.
   */
  @CanIgnoreReturnValue
  public HeldLock onLost(Runnable action) {
    onLost.add(action);
    return this;
  }

  private void lost() {
    over = true;
    stopRenewing();
    LOG.warn("the lock {} with token {} was lost: its time was over", name, token);
    for (Runnable action : onLost) {
      try {
        action.run();
      } catch (RuntimeException e) {
        LOG.error("what was to be done when the lock {} was lost failed", name, e);
      }
    }
  }

  private void stopRenewing() {
    ScheduledFuture<?> task = renewal;
    if (task != null) {
      task.cancel(false);
    }
  }

  /**
   * Frees it; also in a thread that is interrupted, which it is afterwards too.
   *
   * @return false when it had been lost
   * @throws HowdahException when the database does not answer; it ends by itself then
   */
  @CanIgnoreReturnValue
  public boolean release() {
    over = true;
    stopRenewing();
    boolean interrupted = Thread.interrupted();
    try {
      return engine.call(LockOperations.RELEASE, args(0));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** {@link #release}; a failure is logged, since the lock ends by itself. */
  @Override
  public void close() {
    if (over) {
      return;
    }
    try {
      release();
    } catch (HowdahException e) {
      LOG.warn("the lock {} could not be released, and ends by itself: {}", name, e.getMessage());
    }
  }

  private Args args(long ttlMicros) {
    return new Args(name, owner, token, ttlMicros);
  }
}
