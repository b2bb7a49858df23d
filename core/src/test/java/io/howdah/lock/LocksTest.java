package io.howdah.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LocksTest extends HowdahTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private void end(String name) {
    assertThat(
            sql(
                "UPDATE $.lock SET expires_at = clock_timestamp() - interval '1 second' WHERE name = ? RETURNING name",
                name))
        .isNotEmpty();
  }

  private boolean isHeldInTheDatabase(String name) {
    return howdah.locks().list().stream().anyMatch(lock -> lock.name().equals(name));
  }

  @Test
  void ofManyWhoTryOneHasIt() {
    try (Howdah other = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      for (int round = 0; round < 10; round++) {
        String name = "race-" + round;
        List<Optional<HeldLock>> tries =
            Threads.run(
                32, thread -> (thread % 2 == 0 ? howdah : other).locks().tryAcquire(name, MINUTE));
        assertThat(tries.stream().filter(Optional::isPresent)).hasSize(1);
      }
    }
  }

  @Test
  void interruptedThreadFreesItsLock() throws InterruptedException {
    AtomicReference<Boolean> freed = new AtomicReference<>();
    AtomicReference<Boolean> stillInterrupted = new AtomicReference<>();
    Thread thread =
        new Thread(() -> {
          HeldLock lock = howdah.locks().tryAcquire("interrupted", MINUTE).orElseThrow();
          Thread.currentThread().interrupt();
          freed.set(lock.release());
          stillInterrupted.set(Thread.currentThread().isInterrupted());
        });
    // All lanes are taken, so that the call cannot be made at once, on its own thread.
    List<Thread> busy = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Thread other =
          new Thread(() -> {
            while (freed.get() == null) {
              howdah.kv("busy", String.class).set("k", "v");
            }
          });
      other.start();
      busy.add(other);
    }
    thread.start();
    thread.join(30_000);
    freed.compareAndSet(null, false);
    for (Thread other : busy) {
      other.join();
    }
    assertThat(freed.get()).isTrue();
    assertThat(stillInterrupted.get()).isTrue();
    assertThat(isHeldInTheDatabase("interrupted")).isFalse();
  }

  @Test
  void nobodyIsInsideTogetherAndTokensOnlyGrow() {
    AtomicInteger inside = new AtomicInteger();
    AtomicLong last = new AtomicLong();
    Threads.run(
        16,
        thread -> {
          for (int i = 0; i < 10; i++) {
            try (HeldLock lock = howdah.locks().acquire("critical", MINUTE, MINUTE).orElseThrow()) {
              assertThat(inside.incrementAndGet()).isEqualTo(1);
              assertThat(last.getAndSet(lock.token())).isLessThan(lock.token());
              assertThat(lock.isHeld()).isTrue();
              inside.decrementAndGet();
            }
          }
          return true;
        });
    assertThat(isHeldInTheDatabase("critical")).isFalse();
  }

  @Test
  void whoeverComesAfterTheEndHasALargerToken() {
    HeldLock first = howdah.locks().tryAcquire("ended", MINUTE).orElseThrow();
    assertThat(howdah.locks().tryAcquire("ended", MINUTE)).isEmpty();
    end("ended");
    HeldLock second = howdah.locks().tryAcquire("ended", MINUTE).orElseThrow();
    assertThat(second.token()).isGreaterThan(first.token());
    // The first one cannot take anything from the second.
    AtomicInteger lost = new AtomicInteger();
    first.onLost(lost::incrementAndGet);
    assertThat(first.renew(MINUTE)).isFalse();
    assertThat(first.isHeld()).isFalse();
    assertThat(lost.get()).isEqualTo(1);
    assertThat(first.release()).isFalse();
    assertThat(second.renew(MINUTE)).isTrue();
    assertThat(second.release()).isTrue();
    assertThat(second.release()).isFalse();
  }

  @Test
  void lockThatEndedIsNotRenewedEvenIfNobodyCame() {
    HeldLock lock = howdah.locks().tryAcquire("late", MINUTE).orElseThrow();
    end("late");
    assertThat(lock.renew(MINUTE)).isFalse();
    assertThat(lock.release()).isFalse();
  }

  /** The text's mistake: in a transaction now() is the time at which it began. */
  @Test
  void oldTransactionDoesNotGetALockThatWasTakenSinceItBegan() throws SQLException {
    for (String isolation : List.of("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")) {
      HeldLock ended = howdah.locks().tryAcquire("stale", MINUTE).orElseThrow();
      try (Connection old = connect()) {
        old.setAutoCommit(false);
        assertThat(sql(old, "SET TRANSACTION ISOLATION LEVEL " + isolation)).isEmpty();
        assertThat(sql(old, "SELECT now() FROM $.namespace_guard")).hasSize(1);
        assertThat(ended.release()).isTrue();
        HeldLock holder = howdah.locks().tryAcquire("stale", Duration.ofMillis(1)).orElseThrow();
        // Its end comes, by the clock; by now() of the old transaction it never began.
        Eventually.holds("it has ended", () -> !isHeldInTheDatabase("stale"));
        HeldLock second = howdah.locks().tryAcquire("stale", MINUTE).orElseThrow();
        assertThat(second.token()).isGreaterThan(holder.token());
        try {
          assertThat(sql(old, "SELECT $.lock_acquire('stale', 'old', interval '1 minute')::text"))
              .containsExactly((String) null);
        } catch (SQLException e) {
          assertThat(e.getSQLState()).isEqualTo("40001");
          assertThat(isolation).isNotEqualTo("READ COMMITTED");
        }
        old.rollback();
        assertThat(second.release()).isTrue();
      }
    }
  }

  @Test
  void holderThatLivesKeepsIt() {
    HeldLock lock =
        howdah
            .locks()
            .tryAcquire("kept", Duration.ofSeconds(4))
            .orElseThrow()
            .renewing(Duration.ofSeconds(4));
    String end = sql("SELECT expires_at::text FROM $.lock WHERE name = 'kept'").get(0);
    Eventually.holds(
        "its first end is past",
        () -> sql("SELECT clock_timestamp() > ?::timestamptz", end).get(0).equals("t"));
    assertThat(isHeldInTheDatabase("kept")).isTrue();
    assertThat(lock.isHeld()).isTrue();
    assertThat(howdah.locks().tryAcquire("kept", MINUTE)).isEmpty();
    lock.close();
    assertThat(isHeldInTheDatabase("kept")).isFalse();
  }

  @Test
  void holderLearnsThatItWasLost() {
    CountDownLatch lost = new CountDownLatch(1);
    HeldLock lock =
        howdah
            .locks()
            .tryAcquire("lost", Duration.ofSeconds(30))
            .orElseThrow()
            .onLost(lost::countDown)
            .renewing(Duration.ofMillis(90));
    assertThat(sql("DELETE FROM $.lock WHERE name = 'lost' RETURNING name")).hasSize(1);
    Eventually.holds("it is told", () -> lost.getCount() == 0);
    assertThat(lock.isHeld()).isFalse();
  }

  @Test
  void whoWaitsGetsItWhenItIsFree() throws Exception {
    HeldLock holder = howdah.locks("first").tryAcquire("handed", MINUTE).orElseThrow();
    assertThat(howdah.locks().list())
        .filteredOn(info -> info.name().equals("handed"))
        .singleElement()
        .satisfies(info -> {
          assertThat(info.owner()).isEqualTo("first");
          assertThat(info.token()).isEqualTo(holder.token());
          assertThat(info.expiresAt()).isAfter(info.acquiredAt());
        });
    assertThat(howdah.locks().acquire("handed", MINUTE, Duration.ZERO)).isEmpty();
    assertThat(howdah.locks().acquire("handed", MINUTE, Duration.ofMillis(30))).isEmpty();
    AtomicReference<Optional<HeldLock>> got = new AtomicReference<>();
    Thread waiter = new Thread(() -> got.set(howdah.locks().acquire("handed", MINUTE, MINUTE)));
    waiter.start();
    Eventually.holds("it waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);
    assertThat(holder.release()).isTrue();
    waiter.join();
    assertThat(got.get()).isPresent();
  }

  @Test
  void interruptedWaiterLeaves() throws Exception {
    HeldLock holder = howdah.locks().tryAcquire("busy", MINUTE).orElseThrow();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread waiter =
        new Thread(() -> {
          try {
            assertThat(howdah.locks().acquire("busy", MINUTE, MINUTE)).isEmpty();
          } catch (CallFailedException e) {
            thrown.set(e);
          }
        });
    waiter.start();
    Eventually.holds("it waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);
    waiter.interrupt();
    waiter.join();
    assertThat(thrown.get())
        .isInstanceOfSatisfying(
            CallFailedException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
    assertThat(holder.release()).isTrue();
  }

  /** Otherwise nobody would have the lock, until its time is over. */
  @Test
  void interruptedCallIsNotLeftWithItsLock() throws Exception {
    AtomicReference<HeldLock> got = new AtomicReference<>();
    AtomicReference<Boolean> stillInterrupted = new AtomicReference<>();
    // The first call of one is made on a thread of its lanes, so that the caller can be
    // interrupted.
    try (Howdah fresh =
            TestPostgres.builder()
                .schema(schema)
                .sweeper(false)
                .lockTimeout(Duration.ofSeconds(10))
                .callTimeout(MINUTE)
                .open();
        Connection holder = connect()) {
      holder.setAutoCommit(false);
      assertThat(sql(holder, "LOCK TABLE $.lock IN ACCESS EXCLUSIVE MODE")).isEmpty();
      Thread thread =
          new Thread(() -> {
            got.set(fresh.locks().tryAcquire("left", MINUTE).orElseThrow());
            stillInterrupted.set(Thread.currentThread().isInterrupted());
          });
      thread.start();
      Eventually.holds(
          "the database has the call",
          () ->
              !sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                      + " AND query LIKE '%"
                      + schema
                      + ".lock_acquire%'")
                  .isEmpty());
      thread.interrupt();
      holder.rollback();
      thread.join(30_000);
      assertThat(got.get()).isNotNull();
      assertThat(stillInterrupted.get()).isTrue();
      assertThat(got.get().release()).isTrue();
    }
  }

  @Test
  void badArgumentsAreRefused() {
    Locks locks = howdah.locks();
    assertThatThrownBy(() -> locks.tryAcquire("", MINUTE))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> locks.tryAcquire("n".repeat(1_025), MINUTE))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> locks.tryAcquire("n\u0000", MINUTE))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> locks.tryAcquire("n", Duration.ZERO))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> locks.acquire("n", MINUTE, Duration.ofSeconds(-1)))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> howdah.locks("")).isInstanceOf(InvalidArgumentException.class);
    for (String call :
        List.of(
            "lock_acquire('', 'o', '1 minute')",
            "lock_acquire(NULL, 'o', '1 minute')",
            "lock_acquire('n', '', '1 minute')",
            "lock_acquire('n', 'o', '0')",
            "lock_acquire('n', 'o', '-1 s')",
            "lock_acquire('n', 'o', NULL)",
            "lock_renew('n', 1, '36501 days')")) {
      assertThatThrownBy(() -> sql("SELECT $." + call)).hasMessageContaining("expected");
    }
    assertThat(isHeldInTheDatabase("n")).isFalse();
  }

  @Test
  void locksThatEndedLongAgoAreSwept() {
    assertThat(howdah.locks().tryAcquire("swept", MINUTE)).isPresent();
    end("swept");
    do {
      assertThat(howdah.sweep()).isNotNull();
    } while (!sql("SELECT name FROM $.lock WHERE name = 'swept'").isEmpty());
  }
}
