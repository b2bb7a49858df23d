package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PacedLoadTest {

  @Test
  void callsThatHadToWaitForAnotherAreLate() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    CountDownLatch stalled = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch enough = new CountDownLatch(20);
    PacedLoad.Caller caller =
        (load, atFullSpeed) -> {
          if (calls.getAndIncrement() == 0) {
            waiting.countDown();
            assertThat(stalled.await(30, TimeUnit.SECONDS)).isTrue();
          }
          enough.countDown();
        };
    try (PacedLoad load = PacedLoad.start(List.of(caller), 1_000)) {
      assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
      // The store does not answer for a while, in which hundreds of calls become due.
      TimeUnit.MILLISECONDS.sleep(300);
      stalled.countDown();
      assertThat(enough.await(30, TimeUnit.SECONDS)).isTrue();
      PacedLoad.Interval interval = load.takeInterval();

      long late = interval.latencies().getCountBetweenValues(100_000_000, Long.MAX_VALUE / 2);
      assertThat(late).isGreaterThanOrEqualTo(15);
    }
  }

  @Test
  void threadsAreToldWhenThereIsNoPace() throws Exception {
    CountDownLatch paced = new CountDownLatch(5);
    CountDownLatch full = new CountDownLatch(1_000);
    PacedLoad.Caller caller = (load, atFullSpeed) -> (atFullSpeed ? full : paced).countDown();
    try (PacedLoad load = PacedLoad.start(List.of(caller, caller), 100)) {
      assertThat(paced.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(full.getCount()).isEqualTo(1_000);
      load.changePace(0);
      assertThat(full.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void wrongAnswersAndFailuresAreCountedAndTheThreadsGoOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch enough = new CountDownLatch(10);
    PacedLoad.Caller caller =
        (load, atFullSpeed) -> {
          enough.countDown();
          int call = calls.getAndIncrement();
          if (call == 1) {
            load.wrong("seven");
          } else if (call == 2) {
            throw new IllegalStateException("no answer");
          }
        };
    try (PacedLoad load = PacedLoad.start(List.of(caller), 0)) {
      assertThat(enough.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(load.wrongAnswers()).isEqualTo(1);
      assertThat(load.failures()).isEqualTo(1);
      assertThat(load.problems())
          .containsExactly(
              "wrong answer: seven", "failed: java.lang.IllegalStateException: no answer");
    }
  }
}
