package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.kv.KeyValueStore;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TcpProxy;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What callers are told when a statement breaks, stalls or comes back too late. */
@Timeout(120)
class EngineFaultsTest extends HowdahTest {

  private Howdah.Builder open(String application) {
    return alone(Howdah.builder(TestPostgres.url() + "&ApplicationName=" + application));
  }

  /** With the lanes for the test alone. */
  private Howdah.Builder alone(Howdah.Builder builder) {
    return builder.schema(schema).sweeper(false).wipeCheckInterval(Duration.ofMinutes(1));
  }

  private void hold(Connection holder, String namespace, String key) throws Exception {
    holder.setAutoCommit(false);
    howdah.on(holder).kv(namespace, Integer.class).set(key, 0);
  }

  private void awaitLockWait(String application) {
    String waits =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = ? AND wait_event_type = 'Lock'";
    long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (sql(waits, application).equals(List.of("0"))) {
      assertThat(System.nanoTime()).isLessThan(giveUp);
      Thread.onSpinWait();
    }
  }

  @Test
  void everyWriteOfABatchWhoseConnectionBreaksIsOfUnknownOutcome() throws Exception {
    String application = "broken-batch";
    try (Howdah one =
            open(application)
                .lanes(1)
                .lockTimeout(Duration.ofSeconds(10))
                .callTimeout(Duration.ofSeconds(30))
                .open();
        Connection first = connect();
        Connection second = connect()) {
      hold(first, "broken", "first");
      hold(second, "broken", "second");
      KeyValueStore<Integer> store = one.kv("broken", Integer.class);
      CompletableFuture<Long> ahead = store.async().increment("first", 1).toCompletableFuture();
      awaitLockWait(application);
      List<CompletableFuture<Long>> batch = new ArrayList<>();
      batch.add(store.async().set("second", 1).toCompletableFuture());
      for (int i = 0; i < 20; i++) {
        batch.add(store.async().set("k" + i, 1).toCompletableFuture());
      }
      first.rollback();
      assertThat(ahead.join()).isPositive();
      awaitLockWait(application);
      assertThat(
              sql(
                  "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity"
                      + " WHERE application_name = ? AND wait_event_type = 'Lock'",
                  application))
          .isNotEmpty();
      for (CompletableFuture<Long> write : batch) {
        assertThatThrownBy(write::join)
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOfSatisfying(
                CallFailedException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
                  assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
                });
      }
      second.rollback();
      assertThat(store.set("second", 2)).isPositive();
    }
  }

  @Test
  void callOnItsOwnThreadEndsAtItsDeadlineAndItsLaneIsReplaced() throws Exception {
    try (Howdah impatient =
            open("overdue")
                .lockTimeout(Duration.ofSeconds(10))
                .callTimeout(Duration.ofMillis(300))
                .open();
        Connection holder = connect()) {
      KeyValueStore<Integer> store = impatient.kv("overdue", Integer.class);
      hold(holder, "overdue", "k");
      long began = System.nanoTime();
      assertThatThrownBy(() -> store.set("k", 1))
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
                assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
              });
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
      holder.rollback();
      assertThat(store.set("other", 1)).isPositive();
    }
  }

  @Test
  void stalledConnectionIsGivenUpAtTheDeadline() throws Exception {
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port());
        Howdah stalled =
            alone(Howdah.builder(TestPostgres.urlAt(proxy.port())))
                .lanes(3) // of which the engine itself may be using some when it stalls
                .callTimeout(Duration.ofMillis(500))
                .open()) {
      KeyValueStore<Integer> store = stalled.kv("stalled", Integer.class);
      store.set("k", 1);
      proxy.stall();
      long began = System.nanoTime();
      assertThatThrownBy(() -> store.set("k", 2))
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
                assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN);
              });
      assertThatThrownBy(() -> store.get("k")).isInstanceOf(CallFailedException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
      proxy.goOn();
      assertThat(store.get("k")).isPresent();
    }
  }

  @Test
  void expiredAsynchronousCallDoesNotHoldUpLaterCallsOfItsThread() throws Exception {
    try (Howdah impatient =
            open("expired")
                .lockTimeout(Duration.ofMillis(50))
                .callTimeout(Duration.ofMillis(400))
                .open();
        Connection holder = connect()) {
      KeyValueStore<Integer> store = impatient.kv("expired", Integer.class);
      hold(holder, "expired", "k");
      assertThatThrownBy(() -> store.async().set("k", 1).toCompletableFuture().join())
          .cause()
          .isInstanceOf(CallFailedException.class);
      holder.rollback();
      assertThat(store.set("k", 2)).isPositive();
      assertThat(store.get("k")).contains(2);
    }
  }

  @Test
  void executorThatRefusesDoesNotStopTheEngine() {
    try (Howdah refused =
        open("refused")
            .executor(task -> {
              throw new RejectedExecutionException("shut down");
            })
            .open()) {
      KeyValueStore<Integer> store = refused.kv("refused", Integer.class);
      for (int i = 1; i <= 20; i++) {
        long sum = store.async().increment("n", 1).toCompletableFuture().join();
        assertThat(sum).isEqualTo(i);
      }
    }
  }

  @Test
  void callbackMayWaitForAnotherCallOfItsBatch() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("callbacks", Integer.class);
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(store.async().set("k" + i, i).toCompletableFuture());
    }
    CompletableFuture<Long> last = all.get(49);
    CompletableFuture<Void> waits = all.get(0).thenAccept(version -> last.join());
    waits.get(30, TimeUnit.SECONDS);
  }
}
