package io.howdah.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.TypeRef;
import io.howdah.engine.Listener;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.io.BufferedReader;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

class WorkerTest extends HowdahTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final WorkerSettings SETTINGS =
      WorkerSettings.defaults().grace(Duration.ofSeconds(20));

  private JobQueue<Long> queue(String name) {
    return howdah.jobs(name, Long.class);
  }

  private long count(String queue, String state) {
    return howdah.jobs().counts(queue).stream()
        .filter(count -> count.state().equals(state))
        .mapToLong(JobCount::jobs)
        .sum();
  }

  private Howdah other(boolean listen) {
    return TestPostgres.builder().schema(schema).sweeper(false).listen(listen).open();
  }

  /** Several processes, many threads: nothing is lost, and nothing is done twice. */
  @Test
  void eachJobIsDoneOnce() {
    Map<Long, AtomicInteger> done = new ConcurrentHashMap<>();
    JobHandler<Long> handler =
        job -> done.computeIfAbsent(job.payload(), n -> new AtomicInteger()).incrementAndGet();
    try (Howdah second = other(true);
        Howdah polling = other(false);
        Worker a = queue("load").worker(handler, SETTINGS.concurrency(8).prefetch(32));
        Worker b = second.jobs("load", Long.class).worker(handler, SETTINGS.concurrency(4));
        Worker c =
            polling
                .jobs("load", Long.class)
                .worker(handler, SETTINGS.pollInterval(Duration.ofMillis(50)))) {
      assertThat(List.of(a, b, c)).doesNotHaveDuplicates();
      Threads.run(
          32,
          thread -> {
            for (int i = 0; i < 50; i++) {
              queue("load").enqueue(thread * 1_000L + i);
            }
            return true;
          });
      Eventually.holds("all are completed", () -> count("load", "completed") == 1_600);
    }
    assertThat(done).hasSize(1_600);
    assertThat(done.values()).allMatch(times -> times.get() == 1);
    assertThat(sql("SELECT id FROM $.job WHERE queue = 'load'")).isEmpty();
  }

  @Test
  void workerHoldsNoMoreThanItMay() {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    queue("limit").enqueueAll(LongStream.range(0, 50).boxed().toList());
    try (Worker worker =
        queue("limit")
            .worker(
                job -> {
                  most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                  go.await();
                  inside.decrementAndGet();
                },
                SETTINGS.concurrency(3).prefetch(2))) {
      Eventually.holds("three are at it", () -> inside.get() == 3);
      Eventually.holds("five are held", () -> count("limit", "running") == 5);
      go.countDown();
      Eventually.holds("all are completed", () -> count("limit", "completed") == 50);
      assertThat(most.get()).isEqualTo(3);
      assertThat(worker).isNotNull();
    }
  }

  @Test
  void otherThreadsMayBeGiven() {
    ExecutorService threads = Executors.newCachedThreadPool();
    Queue<Long> done = new ConcurrentLinkedQueue<>();
    try (Worker worker =
        queue("given")
            .worker(job -> done.add(job.payload()), SETTINGS.concurrency(5).executor(threads))) {
      queue("given").enqueueAll(LongStream.range(0, 200).boxed().toList());
      Eventually.holds("all are done", () -> done.size() == 200);
      assertThat(worker).isNotNull();
    } finally {
      threads.shutdown();
    }
    assertThat(done).doesNotHaveDuplicates();
  }

  /**
   * Handlers that wait for the database themselves, more of them at once than there are carriers.
   */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void virtualThreadsMayBeGiven() throws ReflectiveOperationException {
    ExecutorService threads =
        (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    Method isVirtual = Thread.class.getMethod("isVirtual");
    Queue<Long> done = new ConcurrentLinkedQueue<>();
    AtomicInteger inside = new AtomicInteger();
    try (Worker worker =
        queue("virtual")
            .worker(
                job -> {
                  assertThat(isVirtual.invoke(Thread.currentThread())).isEqualTo(true);
                  inside.incrementAndGet();
                  if (job.payload() < 50) {
                    Eventually.holds("fifty are at it", () -> inside.get() >= 50);
                  }
                  howdah.kv("virtual-jobs", Long.class).set("" + job.payload(), job.payload());
                  done.add(job.payload());
                },
                SETTINGS.concurrency(50).executor(threads))) {
      queue("virtual").enqueueAll(LongStream.range(0, 500).boxed().toList());
      Eventually.holds("all are completed", () -> count("virtual", "completed") == 500);
      assertThat(worker).isNotNull();
    } finally {
      threads.shutdown();
    }
    assertThat(done).hasSize(500).doesNotHaveDuplicates();
  }

  @Test
  void enqueuedJobBeginsAtOnceWhereItIsHeard() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(2);
    Queue<Long> order = new ConcurrentLinkedQueue<>();
    try (Worker worker =
        queue("push")
            .worker(
                job -> {
                  order.add(job.payload());
                  done.countDown();
                },
                SETTINGS.pollInterval(MINUTE))) {
      Eventually.holds(
          "it listens", () -> howdah.stats().listening().state() == Listener.State.PUSH);
      queue("push").enqueue(6L);
      Eventually.holds("it is awake", () -> order.size() == 1);
      howdah.transaction(tx -> tx.jobs("push").enqueue(7L));
      // The poll interval is a minute: it was heard.
      assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(worker).isNotNull();
    }
    assertThat(order).containsExactly(6L, 7L);
  }

  @Test
  void jobOfADeadProcessRunsAgainAfterItsLease() {
    long id = queue("dead-process").enqueue(1L);
    // A process that takes a job and is never heard of again.
    assertThat(howdah.jobs().take("dead-process", 1, Duration.ofMillis(500), "gone")).hasSize(1);
    Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
    try (Worker worker =
        queue("dead-process")
            .worker(job -> attempts.add(job.attempt()), SETTINGS.pollInterval(MINUTE))) {
      // Not by polling: the end of the lease is known.
      Eventually.holds("it is done", () -> !attempts.isEmpty());
      Eventually.holds(
          "it is completed",
          () -> howdah.jobs().get(id).orElseThrow().state() == JobState.COMPLETED);
      assertThat(worker).isNotNull();
    }
    assertThat(attempts).containsExactly(2);
  }

  @Test
  void longJobKeepsItsLease() throws InterruptedException {
    long id = queue("long").enqueue(1L);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger times = new AtomicInteger();
    JobHandler<Long> handler =
        job -> {
          times.incrementAndGet();
          go.await();
        };
    WorkerSettings settings =
        SETTINGS.lease(Duration.ofSeconds(3)).pollInterval(Duration.ofMillis(50));
    try (Howdah second = other(false);
        Worker a = queue("long").worker(handler, settings);
        Worker b = second.jobs("long", Long.class).worker(handler, settings)) {
      // The lease is renewed at least twice.
      Eventually.holds(
          "it is renewed",
          () ->
              sql(
                          "SELECT id FROM $.job WHERE id = ? AND leased_until > taken_at + interval '4500 ms'",
                          id)
                      .size()
                  == 1);
      assertThat(times.get()).isEqualTo(1);
      go.countDown();
      Eventually.holds("it is completed", () -> count("long", "completed") == 1);
      assertThat(List.of(a, b)).hasSize(2);
    }
    assertThat(times.get()).isEqualTo(1);
  }

  @Test
  void failingJobIsRetriedWithPausesAndThenDead() {
    JobOptions options =
        JobOptions.defaults()
            .maxAttempts(3)
            .backoff(new JobBackoff(Duration.ofMillis(1), Duration.ofMillis(2)));
    long id = queue("failing").enqueue(1L, options).orElseThrow();
    Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
    AtomicBoolean broken = new AtomicBoolean(true);
    try (Worker worker =
        queue("failing")
            .worker(
                job -> {
                  attempts.add(job.attempt());
                  if (broken.get()) {
                    throw new IllegalStateException("boom " + job.attempt());
                  }
                },
                SETTINGS)) {
      Eventually.holds("it is dead", () -> count("failing", "dead") == 1);
      assertThat(attempts).containsExactly(1, 2, 3);
      assertThat(howdah.jobs().get(id).orElseThrow().error().orElseThrow()).contains("boom 3");
      broken.set(false);
      assertThat(queue("failing").retry(id)).isTrue();
      Eventually.holds("it is completed", () -> count("failing", "completed") == 1);
      assertThat(worker).isNotNull();
    }
  }

  @Test
  void payloadThatCannotBeReadIsAFailure() {
    assertThat(
            sql(
                "SELECT $._job_enqueue('unreadable', '\"text\"', NULL, NULL, 0, NULL, 1, NULL, NULL)"))
        .hasSize(1);
    try (Worker worker = queue("unreadable").worker(job -> {}, SETTINGS)) {
      Eventually.holds("it is dead", () -> count("unreadable", "dead") == 1);
      assertThat(worker).isNotNull();
    }
  }

  @Test
  void handlerIsToldThatItsJobWasCancelled() throws InterruptedException {
    long id = queue("cancel").enqueue(1L);
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    AtomicBoolean lost = new AtomicBoolean();
    try (Worker worker =
        queue("cancel")
            .worker(
                job -> {
                  job.onLost(told::countDown);
                  began.countDown();
                  lost.set(told.await(20, TimeUnit.SECONDS) && job.isLost());
                },
                SETTINGS.lease(Duration.ofMillis(600)))) {
      assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(queue("cancel").cancel(id)).isTrue();
      Eventually.holds("it is told", lost::get);
      assertThat(worker).isNotNull();
    }
    assertThat(howdah.jobs().get(id).orElseThrow().state()).isEqualTo(JobState.CANCELLED);
  }

  @Test
  void transactionCompletesTheJobOrDoesNothing() {
    long kept = queue("exactly").enqueue(1L);
    Queue<Boolean> outcomes = new ConcurrentLinkedQueue<>();
    JobHandler<Long> handler =
        job ->
            outcomes.add(
                job.transaction(tx -> {
                  tx.kv("effects", Long.class).increment("n", 1);
                  if (job.payload() == 2L) {
                    // Somebody cancels it in between.
                    assertThat(howdah.jobs().cancel(job.id())).isTrue();
                  }
                }));
    try (Worker worker = queue("exactly").worker(handler, SETTINGS)) {
      Eventually.holds("one is committed", () -> outcomes.size() == 1);
      assertThat(howdah.jobs().get(kept).orElseThrow().state()).isEqualTo(JobState.COMPLETED);
      long cancelled = queue("exactly").enqueue(2L);
      Eventually.holds("the other is not", () -> outcomes.size() == 2);
      assertThat(howdah.jobs().get(cancelled).orElseThrow().state()).isEqualTo(JobState.CANCELLED);
      assertThat(worker).isNotNull();
    }
    assertThat(outcomes).containsExactly(true, false);
    assertThat(howdah.kv("effects", Long.class).get("n")).contains(1L);
  }

  @Test
  void closedWorkerEndsWhatItDoesAndGivesTheRestBack() throws InterruptedException {
    queue("close").enqueueAll(List.of(1L, 2L, 3L, 4L));
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Worker worker =
        queue("close")
            .worker(
                job -> {
                  began.countDown();
                  go.await();
                },
                SETTINGS.concurrency(1).prefetch(2));
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    Eventually.holds("it holds three", () -> count("close", "running") == 3);
    Thread closing = new Thread(worker::close);
    closing.start();
    Eventually.holds("two are given back", () -> count("close", "due") == 3);
    assertThat(closing.isAlive()).isTrue();
    go.countDown();
    closing.join();
    assertThat(count("close", "completed")).isEqualTo(1);
    assertThat(count("close", "due")).isEqualTo(3);
    assertThat(sql("SELECT max(attempt) FROM $.job WHERE queue = 'close'")).containsExactly("0");
  }

  @Test
  void handlerThatIsInterruptedAfterTheGraceGivesItsJobBack() throws InterruptedException {
    long id = queue("grace").enqueue(1L);
    CountDownLatch began = new CountDownLatch(1);
    Worker worker =
        queue("grace")
            .worker(
                job -> {
                  began.countDown();
                  new CountDownLatch(1).await();
                },
                SETTINGS.grace(Duration.ofMillis(100)));
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    worker.close();
    assertThat(howdah.jobs().get(id).orElseThrow().state()).isEqualTo(JobState.WAITING);
    assertThat(howdah.jobs().get(id).orElseThrow().attempt()).isEqualTo(0);
  }

  @Test
  void workersGoOnWhenTheirConnectionsAreKilled() {
    Map<Long, AtomicInteger> done = new ConcurrentHashMap<>();
    try (Howdah own = other(true);
        Worker worker =
            own.jobs("killed", Long.class)
                .worker(
                    job ->
                        done.computeIfAbsent(job.payload(), n -> new AtomicInteger())
                            .incrementAndGet(),
                    SETTINGS.pollInterval(Duration.ofMillis(200)).lease(Duration.ofSeconds(1)))) {
      Eventually.holds("it listens", () -> listens(own));
      List<Long> all = new ArrayList<>();
      List<String> killed = new ArrayList<>();
      for (long i = 0; i < 200; i++) {
        all.add(i);
        queue("killed").enqueue(i);
        if (i % 50 == 25) {
          killed.addAll(
              sql(
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE ?",
                  "%howdah listener " + schema + "%"));
        }
      }
      assertThat(killed).isNotEmpty();
      Eventually.holds("all are completed", () -> count("killed", "completed") == 200);
      assertThat(done.keySet()).containsExactlyInAnyOrderElementsOf(all);
      assertThat(worker).isNotNull();
    }
  }

  private static boolean listens(Howdah howdah) {
    return howdah.stats().listening().state() == Listener.State.PUSH;
  }

  /** Takes jobs, says which, and never ends one. */
  static final class Hanging {
    private Hanging() {}

    public static void main(String[] args) throws InterruptedException {
      try (Howdah howdah = Howdah.builder(args[0]).schema(args[1]).sweeper(false).open();
          Worker worker =
              howdah
                  .jobs("orphans", Long.class)
                  .worker(
                      job -> {
                        System.out.println("> " + job.payload());
                        new CountDownLatch(1).await();
                      },
                      SETTINGS.concurrency(3).lease(Duration.ofSeconds(1)))) {
        new CountDownLatch(1).await();
        assertThat(worker).isNotNull();
      }
    }
  }

  /** It renews their leases while it lives, so nobody else gets them; then they run again. */
  @Tag("full")
  @Test
  void jobsOfAKilledProcessRunAgain() throws Exception {
    for (long i = 0; i < 3; i++) {
      assertThat(queue("orphans").enqueue(i)).isPositive();
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Hanging.class.getName(),
                TestPostgres.url(),
                schema)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Map<Long, Integer> attempts = new ConcurrentHashMap<>();
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      Set<String> taken = new HashSet<>();
      while (taken.size() < 3) {
        String line = said.readLine();
        assertThat(line).as("what the process says").isNotNull();
        if (line.startsWith("> ")) {
          taken.add(line);
        }
      }
      try (Worker worker =
          queue("orphans")
              .worker(
                  job -> assertThat(attempts.put(job.payload(), job.attempt())).isNull(),
                  SETTINGS.pollInterval(Duration.ofMillis(50)))) {
        // Longer than a lease, by the clock of Postgres.
        assertThat(sql("SELECT pg_sleep(1.5)")).hasSize(1);
        assertThat(attempts).as("it lives").isEmpty();
        process.destroyForcibly();
        Eventually.holds("all are completed", () -> count("orphans", "completed") == 3);
        assertThat(worker).isNotNull();
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(attempts)
        .containsOnlyKeys(0L, 1L, 2L)
        .allSatisfy((job, n) -> assertThat(n).isEqualTo(2));
  }

  @Test
  void payloadMayBeOfATypeKnownLate() throws InterruptedException {
    Type type = new TypeRef<List<Long>>() {}.type();
    Queue<Object> done = new ConcurrentLinkedQueue<>();
    CountDownLatch one = new CountDownLatch(1);
    howdah.jobs("late").enqueue(List.of(1L, 2L));
    JobQueue<?> late = howdah.jobs("late", TypeRef.of(type));
    try (Worker worker =
        late.worker(
            job -> {
              done.add(job.payload());
              one.countDown();
            },
            SETTINGS)) {
      assertThat(one.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(worker).isNotNull();
    }
    assertThat(done).containsExactly(List.of(1L, 2L));
  }
}
