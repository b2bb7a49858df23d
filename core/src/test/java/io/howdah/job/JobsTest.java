package io.howdah.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Codec;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

class JobsTest extends HowdahTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  record Mail(String to) {}

  private JobQueue<Mail> queue(String name) {
    return howdah.jobs(name, Mail.class);
  }

  private List<TakenJob> take(String queue, int rows) {
    return howdah.jobs().take(queue, rows, MINUTE, "test");
  }

  private TakenJob takeOne(String queue) {
    List<TakenJob> jobs = take(queue, 10);
    assertThat(jobs).hasSize(1);
    return jobs.get(0);
  }

  private void endLease(long id) {
    assertThat(
            sql(
                "UPDATE $.job SET leased_until = leased_until - interval '1 day', check_at = check_at - interval '1 day' WHERE id = ? RETURNING id",
                id))
        .hasSize(1);
  }

  private JobState state(long id) {
    return howdah.jobs().get(id).orElseThrow().state();
  }

  @Test
  void jobIsTakenWithWhatWasEnqueuedAndCompletedOnce() {
    long id = queue("plain").enqueue(new Mail("ann"));
    TakenJob job = takeOne("plain");
    assertThat(job.id()).isEqualTo(id);
    assertThat(job.payload()).isEqualTo("{\"to\": \"ann\"}");
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.maxAttempts()).isEqualTo(25);
    assertThat(job.holder()).isEqualTo("test#1");
    assertThat(job.leasedUntil()).isAfter(job.enqueuedAt());
    assertThat(take("plain", 10)).isEmpty();
    assertThat(howdah.jobs().complete(id, job.holder())).isTrue();
    assertThat(howdah.jobs().complete(id, job.holder())).isFalse();
    JobInfo ended = howdah.jobs().get(id).orElseThrow();
    assertThat(ended.state()).isEqualTo(JobState.COMPLETED);
    assertThat(ended.endedAt()).isPresent();
    assertThat(ended.holder()).contains("test#1");
  }

  @Test
  void smallerPrioritiesThenEarlierTimesThenEarlierIdsComeFirst() {
    JobQueue<Mail> queue = queue("order");
    Instant past = Instant.parse("2020-01-01T00:00:00Z");
    long late = queue.enqueue(new Mail("a"), JobOptions.defaults().priority(5)).orElseThrow();
    long second = queue.enqueue(new Mail("b"));
    long third = queue.enqueue(new Mail("c"));
    long first = queue.enqueue(new Mail("d"), JobOptions.defaults().runAt(past)).orElseThrow();
    long urgent = queue.enqueue(new Mail("e"), JobOptions.defaults().priority(-100)).orElseThrow();
    assertThat(take("order", 3).stream().map(TakenJob::id)).containsExactly(urgent, first, second);
    assertThat(take("order", 3).stream().map(TakenJob::id)).containsExactly(third, late);
  }

  @Test
  void delayedJobIsNotTakenBeforeItsTimeAndBlocksNoOther() {
    JobQueue<Mail> queue = queue("delay");
    JobOptions urgent = JobOptions.defaults().priority(-1).delay(Duration.ofHours(1));
    long delayed = queue.enqueue(new Mail("later"), urgent).orElseThrow();
    long due = queue.enqueue(new Mail("now"));
    assertThat(takeOne("delay").id()).isEqualTo(due);
    assertThat(sql("SELECT $._job_next_in('delay') BETWEEN interval '30 s' AND interval '1 min'"))
        .containsExactly("t");
    assertThat(sql("UPDATE $.job SET run_at = run_at - interval '2 hours' WHERE id = ?", delayed))
        .isEmpty();
    assertThat(takeOne("delay").id()).isEqualTo(delayed);
    Instant time = Instant.parse("2068-03-01T09:00:00Z");
    long exact = queue.enqueue(new Mail("at"), JobOptions.defaults().runAt(time)).orElseThrow();
    assertThat(howdah.jobs().get(exact).orElseThrow().runAt()).isEqualTo(time);
  }

  @Test
  void endedLeaseIsTakenAgainAsTheNextAttemptAndTheFirstHolderHasLost() {
    long id = queue("lost").enqueue(new Mail("x"));
    TakenJob first = takeOne("lost");
    endLease(id);
    TakenJob second = takeOne("lost");
    assertThat(second.id()).isEqualTo(id);
    assertThat(second.attempt()).isEqualTo(2);
    // Both call themselves "test".
    Jobs jobs = howdah.jobs();
    assertThat(jobs.heartbeat(id, first.holder(), MINUTE)).isFalse();
    assertThat(jobs.complete(id, first.holder())).isFalse();
    assertThat(jobs.fail(id, first.holder(), "late", MINUTE)).isFalse();
    assertThat(jobs.fail(id, first.holder(), "late", null)).isFalse();
    assertThat(jobs.release(id, first.holder())).isFalse();
    assertThat(jobs.heartbeat(id, second.holder(), MINUTE)).isTrue();
    assertThat(jobs.get(id).orElseThrow().error()).contains("the lease of test#1 ended");
    assertThat(jobs.complete(id, second.holder())).isTrue();
  }

  @Test
  void renewedLeaseIsNotTakenWhenItsFirstEndHasCome() {
    long id = queue("renewed").enqueue(new Mail("x"));
    TakenJob job = takeOne("renewed");
    endLease(id);
    assertThat(howdah.jobs().heartbeat(id, job.holder(), MINUTE)).isTrue();
    assertThat(take("renewed", 10)).isEmpty();
    assertThat(sql("SELECT check_at = leased_until FROM $.job WHERE id = ?", id))
        .containsExactly("t");
    assertThat(howdah.jobs().complete(id, job.holder())).isTrue();
  }

  @Test
  void lastAttemptWhoseLeaseEndsIsDead() {
    long id =
        queue("poison").enqueue(new Mail("x"), JobOptions.defaults().maxAttempts(1)).orElseThrow();
    assertThat(takeOne("poison").id()).isEqualTo(id);
    endLease(id);
    assertThat(take("poison", 10)).isEmpty();
    assertThat(state(id)).isEqualTo(JobState.DEAD);
    assertThat(howdah.jobs().get(id).orElseThrow().error())
        .contains("the lease of its last attempt ended");
  }

  @Test
  void failedJobWaitsAndIsDeadWithoutRetryAndRunsAgainWhenSomebodySaysSo() {
    long id = queue("failing").enqueue(new Mail("x"));
    TakenJob first = takeOne("failing");
    assertThat(howdah.jobs().fail(id, first.holder(), "no\0 luck", Duration.ofHours(1))).isTrue();
    JobInfo waits = howdah.jobs().get(id).orElseThrow();
    assertThat(waits.state()).isEqualTo(JobState.WAITING);
    assertThat(waits.error()).contains("no luck");
    assertThat(take("failing", 10)).isEmpty();
    assertThat(sql("UPDATE $.job SET run_at = run_at - interval '1 hour' WHERE id = ?", id))
        .isEmpty();
    TakenJob second = takeOne("failing");
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(howdah.jobs().fail(id, second.holder(), "x".repeat(10_000), null)).isTrue();
    assertThat(howdah.jobs().get(id).orElseThrow().error().orElseThrow()).hasSize(8_192);
    assertThat(queue("failing").list(JobState.DEAD, 0, 10)).hasSize(1);
    assertThat(howdah.jobs().retry(id)).isTrue();
    assertThat(howdah.jobs().retry(id)).isFalse();
    TakenJob again = takeOne("failing");
    assertThat(again.attempt()).isEqualTo(1);
    // Not the first lease's name again.
    assertThat(again.holder()).isEqualTo("test#3");
  }

  @Test
  void releasedJobHasHadNoAttempt() {
    long id = queue("released").enqueue(new Mail("x"));
    TakenJob first = takeOne("released");
    assertThat(howdah.jobs().release(id, first.holder())).isTrue();
    TakenJob second = takeOne("released");
    assertThat(second.attempt()).isEqualTo(1);
    assertThat(second.holder()).isNotEqualTo(first.holder());
  }

  @Test
  void cancelledJobIsNotTakenNorCompleted() {
    JobQueue<Mail> queue = queue("cancel");
    long waiting = queue.enqueue(new Mail("x"));
    assertThat(queue.cancel(waiting)).isTrue();
    assertThat(queue.cancel(waiting)).isFalse();
    assertThat(take("cancel", 10)).isEmpty();
    long running = queue.enqueue(new Mail("y"));
    TakenJob job = takeOne("cancel");
    assertThat(queue.cancel(running)).isTrue();
    assertThat(howdah.jobs().heartbeat(running, job.holder(), MINUTE)).isFalse();
    assertThat(howdah.jobs().complete(running, job.holder())).isFalse();
    assertThat(state(running)).isEqualTo(JobState.CANCELLED);
    assertThat(queue.retry(running)).isTrue();
    assertThat(takeOne("cancel").id()).isEqualTo(running);
  }

  @Test
  void uniqueKeyIsTakenUntilItsJobIsOver() {
    JobQueue<Mail> queue = queue("unique");
    JobOptions key = JobOptions.defaults().uniqueKey("invoice-1");
    long id = queue.enqueue(new Mail("x"), key).orElseThrow();
    assertThat(queue.enqueue(new Mail("y"), key)).isEmpty();
    assertThat(queue("unique-elsewhere").enqueue(new Mail("y"), key)).isPresent();
    TakenJob job = takeOne("unique");
    assertThat(queue.enqueue(new Mail("y"), key)).isEmpty();
    assertThat(howdah.jobs().complete(id, job.holder())).isTrue();
    assertThat(queue.enqueue(new Mail("z"), key)).isPresent();
    assertThat(queue.retry(id)).isFalse();
    assertThat(state(id)).isEqualTo(JobState.COMPLETED);
  }

  @Test
  void of64WhoEnqueueOneUniqueKeyOneDoes() {
    for (int round = 0; round < 5; round++) {
      JobOptions key = JobOptions.defaults().uniqueKey("race-" + round);
      List<OptionalLong> ids =
          Threads.run(64, thread -> queue("race").enqueue(new Mail("t" + thread), key));
      assertThat(ids.stream().filter(OptionalLong::isPresent)).hasSize(1);
    }
    assertThat(take("race", 100)).hasSize(5);
  }

  @Test
  void jobOfARolledBackTransactionNeverWas() {
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              tx.jobs("tx", Mail.class).enqueue(new Mail("no"));
              throw new IllegalStateException("undo");
            }))
        .hasMessage("undo");
    assertThat(take("tx", 10)).isEmpty();
    howdah.transaction(tx -> {
      tx.jobs("tx").enqueue(new Mail("yes"));
      assertThat(take("tx", 10)).isEmpty();
    });
    assertThat(takeOne("tx").payload()).isEqualTo("{\"to\": \"yes\"}");
  }

  @Test
  void enqueueAllIsOneStatementAndKeepsItsOrder() {
    List<Mail> mails = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      mails.add(new Mail("m" + i));
    }
    List<Long> ids = queue("all").enqueueAll(mails, JobOptions.defaults().maxAttempts(3));
    assertThat(ids).hasSize(500).isSorted();
    assertThat(sql("SELECT count(DISTINCT xmin::text) FROM $.job WHERE queue = 'all'"))
        .containsExactly("1");
    List<TakenJob> taken = take("all", 1_000);
    assertThat(taken.stream().map(TakenJob::id)).isEqualTo(ids);
    assertThat(taken.get(7).payload()).contains("m7");
    assertThat(taken.get(7).maxAttempts()).isEqualTo(3);
    assertThat(queue("all").enqueueAll(List.of())).isEmpty();
  }

  @Test
  void asynchronousEnqueuesShareStatements() {
    AsyncJobQueue<Mail> queue = queue("async").async();
    var stages = new ArrayList<CompletableFuture<Long>>();
    for (int i = 0; i < 300; i++) {
      stages.add(queue.enqueue(new Mail("a" + i)).toCompletableFuture());
    }
    assertThat(stages.stream().map(CompletableFuture::join).distinct()).hasSize(300);
    assertThat(take("async", 1_000)).hasSize(300);
    assertThat(
            sql(
                "SELECT count(DISTINCT cmin::text || enqueued_at::text) < 300 FROM $.job WHERE queue = 'async'"))
        .containsExactly("t");
  }

  @Test
  void jobIsNeverTakenTwiceAtOnce() {
    JobQueue<Mail> queue = queue("many");
    Threads.run(
        8,
        thread -> {
          for (int i = 0; i < 50; i++) {
            queue.enqueue(new Mail(thread + "-" + i));
          }
          return true;
        });
    List<List<Long>> taken =
        Threads.run(
            16,
            thread -> {
              List<Long> mine = new ArrayList<>();
              List<TakenJob> jobs;
              int empty = 0;
              while (empty < 3) {
                jobs = take("many", 7);
                empty = jobs.isEmpty() ? empty + 1 : 0;
                jobs.forEach(job -> mine.add(job.id()));
              }
              return mine;
            });
    assertThat(taken.stream().flatMap(List::stream)).hasSize(400).doesNotHaveDuplicates();
  }

  @Test
  void listsAreInPagesAndCountsTellDueFromScheduled() {
    JobQueue<Mail> queue = queue("lists");
    List<Long> ids = queue.enqueueAll(List.of(new Mail("1"), new Mail("2"), new Mail("3")));
    var later = queue.enqueue(new Mail("4"), JobOptions.defaults().delay(Duration.ofDays(1)));
    List<JobInfo> page = queue.list(JobState.WAITING, 0, 2);
    assertThat(page.stream().map(JobInfo::id)).isEqualTo(ids.subList(0, 2));
    assertThat(queue.list(JobState.WAITING, page.get(1).id(), 10).stream().map(JobInfo::id))
        .containsExactly(ids.get(2), later.orElseThrow());
    TakenJob running = take("lists", 1).get(0);
    assertThat(queue.list(JobState.RUNNING, 0, 10).get(0).holder()).contains(running.holder());
    assertThat(queue.counts().stream().map(c -> c.state() + c.jobs()))
        .containsExactly("due2", "running1", "scheduled1");
    assertThat(howdah.jobs().counts()).containsAll(queue.counts());
    assertThat(howdah.jobs().get(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void whatIsOverIsKeptAsLongAsItsQueueSaysAndThenSwept() {
    JobQueue<Mail> queue = queue("kept");
    howdah.jobs().keep("kept", Duration.ZERO, Duration.ofHours(1));
    long done = queue.enqueue(new Mail("x"));
    assertThat(howdah.jobs().complete(done, takeOne("kept").holder())).isTrue();
    assertThat(howdah.jobs().get(done)).isEmpty();
    long dead = queue.enqueue(new Mail("y"));
    assertThat(queue.cancel(dead)).isTrue();
    assertThat(state(dead)).isEqualTo(JobState.CANCELLED);
    assertThat(
            sql(
                "SELECT expires_at - ended_at BETWEEN '59 min' AND '61 min' FROM $.job_ended WHERE id = ?",
                dead))
        .containsExactly("t");
    assertThat(sql("UPDATE $.job_ended SET expires_at = now() - interval '1 s' WHERE id = ?", dead))
        .isEmpty();
    assertThat(howdah.jobs().get(dead)).isEmpty();
    assertThat(queue.list(JobState.CANCELLED, 0, 10)).isEmpty();
    assertThat(howdah.jobs().retry(dead)).isFalse();
    while (!howdah.sweep().isDone()) {}
    assertThat(sql("SELECT id FROM $.job_ended WHERE id = ?", dead)).isEmpty();
  }

  @Test
  void badArgumentsAreRefusedInJavaBeforeAnythingIsSent() {
    JobOptions defaults = JobOptions.defaults();
    Jobs jobs = howdah.jobs();
    List<Callable<?>> calls =
        List.of(
            () -> queue(""),
            () -> queue("q".repeat(129)),
            () -> howdah.jobs("b", Codec.bytes()),
            () -> defaults.priority(101),
            () -> defaults.uniqueKey("k".repeat(513)),
            () -> defaults.maxAttempts(0),
            () -> defaults.delay(Duration.ZERO),
            () -> defaults.runAt(Instant.MAX),
            () -> new JobBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1)),
            () -> queue("b").enqueue(new Mail("x".repeat(1 << 20))),
            () ->
                queue("b")
                    .enqueueAll(List.of(new Mail("1"), new Mail("2")), defaults.uniqueKey("k")),
            () -> jobs.take("b", 0, MINUTE, "w"),
            () -> jobs.take("b", 1_001, MINUTE, "w"),
            () -> jobs.take("b", 1, Duration.ofMillis(99), "w"),
            () -> jobs.take("b", 1, MINUTE, ""),
            () -> jobs.fail(1, "w", "e", Duration.ofSeconds(-1)),
            () -> jobs.list("b", JobState.DEAD, 0, 1_001),
            () -> WorkerSettings.defaults().concurrency(0),
            () -> WorkerSettings.defaults().lease(Duration.ofMillis(299)),
            () -> howdah.transactionReturning(tx -> tx.jobs("b").async()),
            () -> howdah.transactionReturning(tx -> tx.jobs("b").worker(job -> {})));
    for (Callable<?> call : calls) {
      assertThatThrownBy(call::call)
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageMatching("(?s)\\w+: .*(expected|not inside).*");
    }
    assertThatThrownBy(() -> jobs.keep("b", Duration.ofSeconds(-1), MINUTE))
        .isInstanceOf(InvalidArgumentException.class);
    assertThat(sql("SELECT id FROM $.job WHERE queue = 'b'")).isEmpty();
  }

  @Test
  void badArgumentsAreRefusedInSql() throws SQLException {
    List<String> calls =
        List.of(
            "job_enqueue('', '1')",
            "job_enqueue(NULL, '1')",
            "job_enqueue('b', NULL)",
            "job_enqueue('b', to_jsonb(repeat('x', 1048576)))",
            "job_enqueue('b', '1', 'infinity')",
            "job_enqueue('b', '1', NULL, 101)",
            "job_enqueue('b', '1', NULL, NULL)",
            "job_enqueue('b', '1', NULL, 0, '')",
            "job_take('b', 0, '1 min', 'w')",
            "job_take('b', NULL, '1 min', 'w')",
            "job_take('b', 1, NULL, 'w')",
            "job_take('b', 1, '2 days', 'w')",
            "job_take('b', 1, '1 min', '')",
            "job_heartbeat(1, 'w', '0')",
            "job_fail(1, 'w', 'e', '-1 s')",
            "job_keep('b', NULL, '1 s')",
            "job_list('b', 'lost')",
            "job_list('b', 'dead', 0, 0)");
    try (Connection connection = connect()) {
      for (String call : calls) {
        assertThatThrownBy(() -> sql(connection, "SELECT $." + call))
            .as(call)
            .isInstanceOfSatisfying(
                PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
            .hasMessageContaining(": ");
      }
    }
  }

  @Test
  void sqlAloneIsEnoughForAWorker() {
    assertThat(sql("SELECT $.job_enqueue('sql', '{\"a\": 1}', now() - interval '1 min', -3, 'k')"))
        .hasSize(1);
    assertThat(sql("SELECT $.job_enqueue('sql', '{}', unique_key => 'k') IS NULL"))
        .containsExactly("t");
    String id =
        sql("SELECT id FROM $.job_take('sql', 5, '1 min', 'psql') WHERE holder = 'psql#1' AND priority = -3")
            .get(0);
    assertThat(sql("SELECT $.job_heartbeat(?::bigint, 'psql#1', '1 min')", id))
        .containsExactly("t");
    assertThat(sql("SELECT $.job_complete(?::bigint, 'psql')", id)).containsExactly("f");
    assertThat(sql("SELECT $.job_complete(?::bigint, 'psql#1')", id)).containsExactly("t");
    assertThat(howdah.jobs().get(Long.parseLong(id)).map(JobInfo::state))
        .isEqualTo(Optional.of(JobState.COMPLETED));
  }

  @Test
  void pausesDoubleUpToTheMostAndAreNotAllTheSame() {
    JobBackoff backoff = new JobBackoff(Duration.ofSeconds(1), Duration.ofSeconds(10));
    for (int i = 0; i < 100; i++) {
      assertThat(backoff.pause(1)).isBetween(Duration.ofMillis(750), Duration.ofSeconds(1));
      assertThat(backoff.pause(3)).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
      assertThat(backoff.pause(1_000_000))
          .isBetween(Duration.ofMillis(7_500), Duration.ofSeconds(10));
    }
    assertThat(Stream.generate(() -> backoff.pause(5)).limit(50).distinct()).hasSizeGreaterThan(5);
    long id =
        queue("own-backoff")
            .enqueue(
                new Mail("x"),
                JobOptions.defaults()
                    .backoff(new JobBackoff(Duration.of(3, ChronoUnit.SECONDS), MINUTE)))
            .orElseThrow();
    TakenJob job = takeOne("own-backoff");
    assertThat(job.id()).isEqualTo(id);
    assertThat(job.backoff()).contains(new JobBackoff(Duration.ofSeconds(3), MINUTE));
  }
}
