package io.howdah.lock;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Arguments;
import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Engine;
import io.howdah.lock.LockOperations.Args;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Locks across processes, by name: of all who try, one has it, until it is released or its time is
 * over. Kept in a logged table, so a crash of Postgres frees none.
 *
 * <p>Acquiring commits at once, in a transaction of its own: inside one of the caller's a lock
 * would not be there for others until its end.
 */
public final class Locks {
  private static final int NAME_BYTES = 1_024;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

  private final String owner;
  private final Engine engine;
  private final Renewals renewals;

  /** Use {@code Howdah.locks}. */
  public Locks(String owner, Engine engine, Renewals renewals) {
    this.owner = Arguments.text("owner", owner, NAME_BYTES);
    this.engine = engine;
    this.renewals = renewals;
  }

  /**
   * Acquires a lock if it is free. A thread that is interrupted when the call is with the database
   * waits for its answer all the same, and is interrupted afterwards.
   *
   * @param name 1 to 1,024 bytes
   * @param ttl how long it is held at most, unless it is renewed: 1 microsecond to 36,500 days
   * @return empty while somebody holds it, this process included
   * @throws InvalidArgumentException when an argument is outside
   * @throws HowdahException when the database does not answer: it may be held then, by nobody,
   *     until its time is over
   */
  public Optional<HeldLock> tryAcquire(String name, Duration ttl) {
    long asked = System.nanoTime();
    long micros = Arguments.micros("ttl", ttl);
    Args args = new Args(Arguments.text("name", name, NAME_BYTES), owner, 0, micros);
    Long token = engine.call(LockOperations.ACQUIRE, args);
    return token == null
        ? Optional.empty()
        : Optional.of(new HeldLock(name, owner, token, asked + ttl.toNanos(), engine, renewals));
  }

  /**
   * Acquires a lock, and waits while somebody holds it: it asks again after 10 ms, and then less
   * and less often, at least twice a second. Those who wait have no order.
   *
   * @param patience how long it waits at most, up to 36,500 days; zero does not wait
   * @return empty when somebody held it all that time
   * @throws CallFailedException with {@link ErrorCode#INTERRUPTED} when the thread is interrupted
   *     before it has the lock
   */
  public Optional<HeldLock> acquire(String name, Duration ttl, Duration patience) {
    if (patience.isNegative() || patience.compareTo(Arguments.LONGEST) > 0) {
      throw new InvalidArgumentException(
          "patience", "patience: 0 to 36500 days expected, got " + patience);
    }
    long began = System.nanoTime();
    long pause = FIRST_PAUSE.toNanos();
    while (true) {
      Optional<HeldLock> lock = tryAcquire(name, ttl);
      long left = patience.toNanos() - (System.nanoTime() - began);
      if (lock.isPresent() || left <= 0) {
        return lock;
      }
      // Not all at once.
      long jittered = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
      LockSupport.parkNanos(this, Math.min(left, jittered));
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new CallFailedException(
            ErrorCode.INTERRUPTED,
            CallFailedException.Outcome.NOT_APPLIED,
            "lock_acquire: the thread was interrupted while it waited",
            null);
      }
      pause = Math.min(pause * 3 / 2, LONGEST_PAUSE.toNanos());
    }
  }

  /**
   * {@link HeldLock#renew} for who knows the token only, such as a process that was started again.
   *
   * @return false when the holder of this token has lost the lock
   */
  @CanIgnoreReturnValue
  public boolean renew(String name, long token, Duration ttl) {
    return engine.call(
        LockOperations.RENEW,
        new Args(
            Arguments.text("name", name, NAME_BYTES), owner, token, Arguments.micros("ttl", ttl)));
  }

  /**
   * {@link HeldLock#release} for who knows the token only.
   *
   * @return false when the holder of this token had lost the lock
   */
  @CanIgnoreReturnValue
  public boolean release(String name, long token) {
    return engine.call(
        LockOperations.RELEASE,
        new Args(Arguments.text("name", name, NAME_BYTES), owner, token, 0));
  }

  /** What is held now, by whomever, in the order of the names. */
  public List<LockInfo> list() {
    return engine.call(LockOperations.LIST, "");
  }
}
