package io.howdah.spring.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.lock.LockInfo;
import io.howdah.test.HowdahTesting;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.integration.support.locks.DistributedLock;

/** A registry stands for a process here: two of them are a cluster. */
@Timeout(120)
class HowdahLockRegistryTest extends HowdahTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private HowdahLockRegistry registry() {
    return new HowdahLockRegistry(howdah.locks(), "reg:", MINUTE);
  }

  private List<String> held() {
    return howdah.locks().list().stream().map(LockInfo::name).toList();
  }

  /** What {@code work} returns on another thread. */
  private static <T> T elsewhere(java.util.concurrent.Callable<T> work) throws Exception {
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return work.call();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            })
        .get(30, TimeUnit.SECONDS);
  }

  @Test
  void lockExcludesOtherThreadsAndOtherProcesses() throws Exception {
    HowdahLockRegistry here = registry();
    HowdahLockRegistry there = registry();
    Lock lock = here.obtain("a");
    lock.lock();
    assertThat(held()).contains("reg:a");
    assertThat(elsewhere(() -> here.obtain("a").tryLock())).isFalse();
    assertThat(there.obtain("a").tryLock()).isFalse();
    assertThat(there.obtain("a").tryLock(20, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(there.obtain("b").tryLock()).isTrue();
    lock.unlock();
    assertThat(there.obtain("a").tryLock()).isTrue();
    there.obtain("a").unlock();
    there.obtain("b").unlock();
    assertThat(held()).doesNotContain("reg:a", "reg:b");
  }

  @Test
  void lockIsReentrant() {
    Lock lock = registry().obtain("reentrant");
    lock.lock();
    assertThat(lock.tryLock()).isTrue();
    lock.unlock();
    assertThat(held()).contains("reg:reentrant");
    lock.unlock();
    assertThat(held()).doesNotContain("reg:reentrant");
    assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
  }

  @Test
  void onlyItsThreadUnlocksIt() throws Exception {
    HowdahLockRegistry registry = registry();
    Lock lock = registry.obtain("owned");
    lock.lock();
    assertThat(
            elsewhere(() -> {
              assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
              assertThatThrownBy(() -> registry.renewLock("owned"))
                  .isInstanceOf(IllegalMonitorStateException.class);
              return true;
            }))
        .isTrue();
    lock.unlock();
  }

  @Test
  void heldLockIsFoundAgainByItsKey() {
    HowdahLockRegistry registry = registry();
    registry.obtain("found").lock();
    // Nobody has the object in hand any more.
    System.gc();
    registry.expireUnusedOlderThan(0);
    registry.obtain("found").unlock();
    assertThat(held()).doesNotContain("reg:found");
  }

  @Test
  void waitingLockGetsItWhenItIsFree() throws Exception {
    Lock here = registry().obtain("wait");
    Lock there = registry().obtain("wait");
    here.lock();
    CountDownLatch began = new CountDownLatch(1);
    AtomicBoolean got = new AtomicBoolean();
    Thread waiter =
        new Thread(() -> {
          began.countDown();
          there.lock();
          got.set(true);
          there.unlock();
        });
    waiter.start();
    assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(got).isFalse();
    here.unlock();
    waiter.join(30_000);
    assertThat(got).isTrue();
  }

  @Test
  void waitingIsInterruptedWhereItMayBe() throws Exception {
    Lock here = registry().obtain("interrupt");
    Lock there = registry().obtain("interrupt");
    here.lock();
    CompletableFuture<String> outcome = new CompletableFuture<>();
    Thread waiter =
        new Thread(() -> {
          try {
            there.lockInterruptibly();
            outcome.complete("locked");
          } catch (InterruptedException e) {
            outcome.complete("interrupted");
          }
        });
    waiter.start();
    waiter.interrupt();
    assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo("interrupted");
    here.unlock();
    // And leaves nothing behind.
    assertThat(there.tryLock()).isTrue();
    there.unlock();
  }

  @Test
  void lockWithoutInterruptionWaitsOn() throws Exception {
    Lock here = registry().obtain("stubborn");
    Lock there = registry().obtain("stubborn");
    here.lock();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiter =
        new Thread(() -> {
          there.lock();
          there.unlock();
          interrupted.complete(Thread.currentThread().isInterrupted());
        });
    waiter.start();
    waiter.interrupt();
    here.unlock();
    assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void heldLockIsRenewedByItself() {
    HowdahLockRegistry registry =
        new HowdahLockRegistry(howdah.locks(), "reg:", Duration.ofSeconds(3));
    Lock lock = registry.obtain("renewed");
    lock.lock();
    String first = expiry("renewed");
    Eventually.holds("it is renewed", () -> !expiry("renewed").equals(first));
    lock.unlock();
  }

  private String expiry(String key) {
    return sql("SELECT expires_at FROM $.lock WHERE name = ?", "reg:" + key).get(0);
  }

  @Test
  void lockWithATimeEndsUnlessItIsRenewed() throws Exception {
    HowdahLockRegistry registry = registry();
    DistributedLock lock = registry.obtain("timed");
    assertThat(lock.tryLock(Duration.ZERO, Duration.ofSeconds(20))).isTrue();
    registry.renewLock("timed", Duration.ofHours(2));
    assertThat(
            sql(
                "SELECT expires_at > now() + interval '1 hour' FROM $.lock WHERE name = 'reg:timed'"))
        .containsExactly("t");
    lock.unlock();
    lock.lock(Duration.ofHours(3));
    assertThat(
            sql(
                "SELECT expires_at > now() + interval '2 hours' FROM $.lock WHERE name = 'reg:timed'"))
        .containsExactly("t");
    lock.unlock();
  }

  private void assertLasts(String key, String longerThan, String shorterThan) {
    assertThat(
            sql(
                "SELECT expires_at - now() BETWEEN ?::interval AND ?::interval FROM $.lock WHERE name = ?",
                longerThan,
                shorterThan,
                "reg:" + key))
        .containsExactly("t");
  }

  /** Each of them counts on what it asked for. */
  @Test
  void lockInsideAnotherLastsAsLongAsTheLongerOne() {
    DistributedLock lock = registry().obtain("nested");
    lock.lock(Duration.ofSeconds(20));
    lock.lock(Duration.ofHours(3));
    lock.lock(Duration.ofSeconds(20));
    assertLasts("nested", "2 hours", "3 hours");
    // From here on it is renewed.
    lock.lock();
    assertLasts("nested", "50 seconds", "1 minute");
    lock.lock(Duration.ofHours(3));
    assertLasts("nested", "50 seconds", "1 minute");
    for (int i = 0; i < 5; i++) {
      lock.unlock();
    }
    assertThat(held()).doesNotContain("reg:nested");
  }

  @Test
  void lockInsideOneWithATimeIsRenewedByItself() {
    DistributedLock lock =
        new HowdahLockRegistry(howdah.locks(), "reg:", Duration.ofSeconds(3)).obtain("inside");
    lock.lock(Duration.ofHours(1));
    lock.lock();
    String first = expiry("inside");
    Eventually.holds("it is renewed", () -> !expiry("inside").equals(first));
    lock.unlock();
    lock.unlock();
  }

  @Test
  void interruptedThreadTriesAllTheSame() throws Exception {
    Lock lock = registry().obtain("tried");
    assertThat(
            elsewhere(() -> {
              Thread.currentThread().interrupt();
              boolean got = lock.tryLock();
              boolean stillInterrupted = Thread.interrupted();
              lock.unlock();
              return got && stillInterrupted;
            }))
        .isTrue();
  }

  @Test
  void timeThatCannotBeRenewedIsRefused() {
    assertThatThrownBy(() -> new HowdahLockRegistry(howdah.locks(), "reg:", Duration.ofMillis(29)))
        .isInstanceOf(io.howdah.InvalidArgumentException.class)
        .hasMessage("ttl: 30 milliseconds to 36500 days expected, got PT0.029S");
  }

  @Test
  void lostLockIsTold() {
    HowdahLockRegistry registry = registry();
    Lock lock = registry.obtain("lost");
    lock.lock();
    HowdahTesting.of(howdah).advance(MINUTE.plusSeconds(1));
    assertThatThrownBy(() -> registry.renewLock("lost")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(lock::lock).isInstanceOf(CannotAcquireLockException.class);
    assertThatThrownBy(lock::unlock).isInstanceOf(ConcurrentModificationException.class);
    // It can be had again.
    assertThat(lock.tryLock()).isTrue();
    lock.unlock();
  }

  @Test
  void oneOfManyThreadsOfManyProcessesHasIt() {
    List<HowdahLockRegistry> cluster = List.of(registry(), registry(), registry());
    int[] counter = {0};
    List<Integer> done =
        Threads.run(
            9,
            thread -> {
              for (int i = 0; i < 20; i++) {
                Lock lock = cluster.get(thread % 3).obtain("counter");
                lock.lock();
                try {
                  int seen = counter[0];
                  Thread.yield();
                  counter[0] = seen + 1;
                } finally {
                  lock.unlock();
                }
              }
              return 20;
            });
    assertThat(done).hasSize(9);
    assertThat(counter[0]).isEqualTo(180);
  }

  @Test
  void keysAreStringsThatFit() {
    assertThatThrownBy(() -> registry().obtain(42)).isInstanceOf(IllegalArgumentException.class);
    Lock tooLong = registry().obtain("x".repeat(2_000));
    assertThatThrownBy(tooLong::tryLock).hasMessageContaining("name: 1 to 1024 bytes expected");
    assertThatThrownBy(tooLong::newCondition).isInstanceOf(UnsupportedOperationException.class);
  }
}
