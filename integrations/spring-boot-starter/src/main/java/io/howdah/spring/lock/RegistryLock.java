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
  private static final Duration FOREVER = Duration.ofDays(36_500);

  private final String key;
  private final String name;
  private final Locks locks;
  private final Duration defaultTtl;
  private final Set<RegistryLock> allHeld;
  private final ReentrantLock threads = new ReentrantLock();

  /** Of the thread that has the other one. */
  private @Nullable HeldLock held;

  private boolean renewsItself;

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
    boolean interrupted = false;
    try {
      while (true) {
        threads.lock();
        try {
          if (acquire(FOREVER, ttl, renewing)) {
            return;
          }
        } catch (InterruptedException e) {
          // A lock() that cannot throw this goes on.
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void lockInterruptibly() throws InterruptedException {
    do {
      threads.lockInterruptibly();
    } while (!acquire(FOREVER, defaultTtl, true));
  }

  @Override
  public boolean tryLock() {
    try {
      return threads.tryLock() && acquire(Duration.ZERO, defaultTtl, true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
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

  private boolean ask(Duration patience, Duration ttl, boolean renewing)
      throws InterruptedException {
    if (threads.getHoldCount() > 1) {
      if (Objects.requireNonNull(held).isHeld()) {
        return true;
      }
      throw new CannotAcquireLockException(
          "the lock " + key + " was lost while this thread had it: its time was over");
    }
    try {
      HeldLock lock = locks.acquire(name, ttl, patience).orElse(null);
      if (lock == null) {
        return false;
      }
      held = renewing ? lock.renewing(ttl) : lock;
      renewsItself = renewing;
      allHeld.add(this);
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
    if (renewsItself) {
      // Otherwise the next renewal would take back what this one gave.
      lock.renewing(ttl);
    }
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
