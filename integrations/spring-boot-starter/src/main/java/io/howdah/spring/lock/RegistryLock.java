package io.howdah.spring.lock;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.lock.HeldLock;
import io.howdah.lock.Locks;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.integration.support.locks.DistributedLock;

/**
 * A lock of a {@link HowdahLockRegistry}: first the threads of this process agree on one of them,
 * which then asks the database.
 */
final class RegistryLock implements DistributedLock {
  private static final Duration FOREVER = HowdahLockRegistry.LONGEST;

  private final String key;
  private final String name;
  private final Locks locks;
  private final Duration defaultTtl;
  private final Set<RegistryLock> allHeld;
  private final ReentrantLock threads = new ReentrantLock();

  /** Of the thread that has the other one. */
  private @Nullable HeldLock held;

  private boolean renewsItself;

  /** When it is over, on the clock of {@code System.nanoTime}; unless it renews itself. */
  private long endsAtNanos;

  RegistryLock(
      String key, String name, Locks locks, Duration defaultTtl, Set<RegistryLock> allHeld) {
    this.key = key;
    this.name = name;
    this.locks = locks;
    this.defaultTtl = defaultTtl;
    this.allHeld = allHeld;
  }

  @Override
  public void lock() {
    lockUninterruptibly(defaultTtl, true);
  }

  @Override
  public void lock(Duration ttl) {
    lockUninterruptibly(ttl, false);
  }

  private void lockUninterruptibly(Duration ttl, boolean renewing) {
    do {
      threads.lock();
    } while (!acquireUninterruptibly(FOREVER, ttl, renewing));
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    do {
      threads.lockInterruptibly();
    } while (!acquire(FOREVER, defaultTtl, true));
  }

  @Override
  public boolean tryLock() {
    return threads.tryLock() && acquireUninterruptibly(Duration.ZERO, defaultTtl, true);
  }

  @Override
  public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
    return tryLock(Duration.ofNanos(unit.toNanos(time)), defaultTtl, true);
  }

  @Override
  public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
    return tryLock(waitTime, ttl, false);
  }

  private boolean tryLock(Duration waitTime, Duration ttl, boolean renewing)
      throws InterruptedException {
    Duration patience = waitTime.compareTo(FOREVER) > 0 ? FOREVER : waitTime;
    long began = System.nanoTime();
    if (!threads.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    Duration left = patience.minusNanos(System.nanoTime() - began);
    return acquire(left.isNegative() ? Duration.ZERO : left, ttl, renewing);
  }

  /** By the thread that has {@link #threads}, which it gives up unless it gets this one as well. */
  private boolean acquire(Duration patience, Duration ttl, boolean renewing)
      throws InterruptedException {
    boolean acquired = false;
    try {
      acquired = ask(patience, ttl, renewing);
      return acquired;
    } finally {
      if (!acquired) {
        threads.unlock();
      }
    }
  }

  /** The same for what cannot throw that: it goes on, and its thread is interrupted afterwards. */
  private boolean acquireUninterruptibly(Duration patience, Duration ttl, boolean renewing) {
    boolean acquired = false;
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          acquired = ask(patience, ttl, renewing);
          return acquired;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (!acquired) {
        threads.unlock();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean ask(Duration patience, Duration ttl, boolean renewing)
      throws InterruptedException {
    try {
      if (threads.getHoldCount() > 1) {
        askAgain(Objects.requireNonNull(held), ttl, renewing);
        return true;
      }
      HeldLock lock = locks.acquire(name, ttl, patience).orElse(null);
      if (lock == null) {
        return false;
      }
      held = lock;
      allHeld.add(this);
      lasts(lock, ttl, renewing);
      return true;
    } catch (HowdahException e) {
      if (e.code() == ErrorCode.INVALID_ARGUMENT) {
        throw e;
      }
      if (e.code() == ErrorCode.INTERRUPTED) {
        Thread.interrupted();
        InterruptedException interrupted = new InterruptedException(e.getMessage());
        interrupted.initCause(e);
        throw interrupted;
      }
      throw new CannotAcquireLockException("the lock " + key + " could not be acquired", e);
    }
  }

  /** By the thread that has it: it lasts at least as long as this one asks for. */
  private void askAgain(HeldLock lock, Duration ttl, boolean renewing) {
    boolean isLonger =
        !renewsItself && (renewing || System.nanoTime() + ttl.toNanos() - endsAtNanos > 0);
    if (!lock.isHeld() || (isLonger && !lock.renew(ttl))) {
      throw new CannotAcquireLockException(
          "the lock " + key + " was lost while this thread had it: its time was over");
    }
    if (isLonger) {
      lasts(lock, ttl, renewing);
    }
  }

  private void lasts(HeldLock lock, Duration ttl, boolean renewing) {
    renewsItself = renewing;
    endsAtNanos = System.nanoTime() + ttl.toNanos();
    if (renewing) {
      var unused = lock.renewing(ttl);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalMonitorStateException when the calling thread does not hold it
   * @throws ConcurrentModificationException when it was lost: somebody else may have had it
   *     meanwhile
   * @throws HowdahException when the database does not answer; it ends by itself then
   */
  @Override
  public void unlock() {
    HeldLock lock = mine();
    if (threads.getHoldCount() > 1) {
      threads.unlock();
      return;
    }
    try {
      held = null;
      allHeld.remove(this);
      if (!lock.release()) {
        throw new ConcurrentModificationException(
            "the lock " + key + " was lost before it was unlocked: its time was over");
      }
    } finally {
      threads.unlock();
    }
  }

  void renew(Duration ttl) {
    HeldLock lock = mine();
    if (!lock.renew(ttl)) {
      throw new IllegalStateException("the lock " + key + " was lost: its time was over");
    }
    // One that renews itself would take back at the next renewal what this one gave.
    lasts(lock, ttl, renewsItself);
  }

  private HeldLock mine() {
    if (!threads.isHeldByCurrentThread()) {
      throw new IllegalMonitorStateException("this thread does not hold the lock " + key);
    }
    return Objects.requireNonNull(held);
  }

  @Override
  public Condition newCondition() {
    throw new UnsupportedOperationException("a lock of a registry has no conditions");
  }
}
