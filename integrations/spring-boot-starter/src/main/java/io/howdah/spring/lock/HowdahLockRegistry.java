package io.howdah.spring.lock;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.howdah.InvalidArgumentException;
import io.howdah.lock.Locks;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.ExpirableLockRegistry;
import org.springframework.integration.support.locks.RenewableLockRegistry;
import org.springframework.util.Assert;

/**
 * Locks of Spring Integration: of all threads of all processes one has it. Reentrant, and of the
 * thread that locked it.
 *
 * <p>A lock that was taken without a time is renewed by itself until it is unlocked: while its
 * process lives nobody else gets it, and after the process has died it ends when the {@code ttl} is
 * over. One that was taken with a time ends when that is over, unless {@link #renewLock} gives it
 * more, or its thread locks it again: it lasts as long as the longest of them asked for, so that
 * one without a time has it renewed until it is unlocked as often as it was locked.
 */
public final class HowdahLockRegistry
    implements ExpirableLockRegistry<DistributedLock>, RenewableLockRegistry<DistributedLock> {
  static final Duration SHORTEST = Duration.ofMillis(30);
  static final Duration LONGEST = Duration.ofDays(36_500);

  private final Locks locks;
  private final String prefix;
  private final Duration ttl;

  /** Of a key there is one while anybody has it in hand. */
  private final LoadingCache<String, RegistryLock> known =
      Caffeine.newBuilder().weakValues().build(this::make);

  /** What is held must be found again also by who has let go of the object. */
  private final Set<RegistryLock> held = ConcurrentHashMap.newKeySet();

  /**
   * Makes one.
   *
   * @param prefix what stands before each key
   * @param ttl after how long a lock ends whose process has died: 30 ms to 36,500 days
   * @throws InvalidArgumentException when it is outside
   */
  public HowdahLockRegistry(Locks locks, String prefix, Duration ttl) {
    if (ttl.compareTo(SHORTEST) < 0 || ttl.compareTo(LONGEST) > 0) {
      throw new InvalidArgumentException(
          "ttl", "ttl: 30 milliseconds to 36500 days expected, got " + ttl);
    }
    this.locks = locks;
    this.prefix = prefix;
    this.ttl = ttl;
  }

  private RegistryLock make(String key) {
    return new RegistryLock(key, prefix + key, locks, ttl, held);
  }

  /**
   * {@inheritDoc}
   *
   * @param lockKey a String; with the prefix at most 1,024 bytes
   */
  @Override
  public DistributedLock obtain(Object lockKey) {
    return lock(lockKey);
  }

  private RegistryLock lock(Object lockKey) {
    Assert.isInstanceOf(String.class, lockKey);
    return known.get((String) lockKey);
  }

  /** Unused ones are not kept, of whatever age they are. */
  @Override
  public void expireUnusedOlderThan(long age) {
    known.cleanUp();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalMonitorStateException when the calling thread does not hold it
   * @throws IllegalStateException when it was lost
   */
  @Override
  public void renewLock(Object lockKey) {
    renewLock(lockKey, ttl);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalMonitorStateException when the calling thread does not hold it
   * @throws IllegalStateException when it was lost
   */
  @Override
  public void renewLock(Object lockKey, Duration ttl) {
    lock(lockKey).renew(ttl);
  }

  @Override
  public String toString() {
    return "HowdahLockRegistry[prefix=" + prefix + ", ttl=" + ttl + "]";
  }
}
