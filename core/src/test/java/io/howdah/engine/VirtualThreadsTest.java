package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.HowdahTest;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** The library is compiled for Java 17, and called from virtual threads where there are some. */
@EnabledForJreRange(min = JRE.JAVA_21)
@Timeout(120)
class VirtualThreadsTest extends HowdahTest {
  private static Thread startVirtual(Runnable work) {
    try {
      Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
      return (Thread) start.invoke(null, work);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @Test
  void ofTenThousandCallersOnlyTheInterruptedFail() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("virtual", Integer.class);
    int callers = 10_000;
    AtomicInteger succeeded = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    AtomicInteger otherwise = new AtomicInteger();
    CountDownLatch ready = new CountDownLatch(callers);
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      int caller = i;
      threads.add(
          startVirtual(() -> {
            ready.countDown();
            try {
              go.await();
              for (int round = 0; round < 5; round++) {
                store.set("k" + caller, round);
                assertThat(store.get("k" + caller)).contains(round);
              }
              succeeded.incrementAndGet();
            } catch (InterruptedException e) {
              interrupted.incrementAndGet();
            } catch (CallFailedException e) {
              (e.code() == ErrorCode.INTERRUPTED ? interrupted : otherwise).incrementAndGet();
            } catch (Throwable e) {
              otherwise.incrementAndGet();
            }
          }));
    }
    ready.await();
    go.countDown();
    for (int i = 0; i < callers; i += 10) {
      threads.get(i).interrupt();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(otherwise.get()).isZero();
    assertThat(succeeded.get()).isGreaterThanOrEqualTo(callers - callers / 10);
    assertThat(interrupted.get()).isEqualTo(callers - succeeded.get()).isPositive();
    // Everybody's connection still works.
    assertThat(store.get("k1")).contains(4);
  }
}
