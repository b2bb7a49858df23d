package io.howdah.spring.lock;

import io.howdah.lock.HeldLock;
import io.howdah.lock.Locks;
import java.time.Duration;
import java.util.Optional;
import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;

/**
 * Locks of ShedLock, which has a scheduled task run in one process at a time. Times are counted by
 * Postgres: the clocks of the processes do not matter.
 *
 * <p>{@link #lock} throws {@link io.howdah.HowdahException} when the database does not answer; the
 * task does not run then.
 */
public final class HowdahLockProvider implements ExtensibleLockProvider {
  /** ShedLock allows no time at all, which is the shortest one here. */
  private static final Duration SHORTEST = Duration.ofNanos(1_000);

  private final Locks locks;
  private final String prefix;

  /**
   * Makes one.
   *
   * @param prefix what stands before each name
   */
  public HowdahLockProvider(Locks locks, String prefix) {
    this.locks = locks;
    this.prefix = prefix;
  }

  @Override
  public Optional<SimpleLock> lock(LockConfiguration configuration) {
    return locks
        .tryAcquire(prefix + configuration.getName(), atLeast(configuration.getLockAtMostFor()))
        .map(held -> new Lock(held, configuration));
  }

  private static Duration atLeast(Duration time) {
    return time.compareTo(SHORTEST) < 0 ? SHORTEST : time;
  }

  private static final class Lock extends AbstractSimpleLock {
    private final HeldLock held;

    /** Counted from after the answer, so that what is left is never too little. */
    private final long sinceNanos = System.nanoTime();

    Lock(HeldLock held, LockConfiguration configuration) {
      super(configuration);
      this.held = held;
    }

    @Override
    protected void doUnlock() {
      Duration left =
          lockConfiguration.getLockAtLeastFor().minusNanos(System.nanoTime() - sinceNanos);
      if (left.compareTo(SHORTEST) < 0) {
        held.release();
      } else {
        held.renew(left);
      }
    }

    @Override
    protected Optional<SimpleLock> doExtend(LockConfiguration configuration) {
      return held.renew(atLeast(configuration.getLockAtMostFor()))
          ? Optional.of(new Lock(held, configuration))
          : Optional.empty();
    }
  }
}
