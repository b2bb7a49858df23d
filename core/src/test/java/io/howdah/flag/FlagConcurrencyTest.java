package io.howdah.flag;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.Subscription;
import io.howdah.engine.Listener;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several processes' worth of flags, and many who change them. */
@Timeout(180)
class FlagConcurrencyTest extends HowdahTest {
  private static final FlagSubject ANN = FlagSubject.user("ann");

  private static FlagDefinition part(int percent) {
    return FlagDefinition.builder().enabled(true).rolloutPercentage(percent).build();
  }

  private static int percent(Flag flag) {
    return flag.definition().rolloutPercentage().orElseThrow().intValueExact();
  }

  private Howdah another() {
    return TestPostgres.builder()
        .schema(schema)
        .sweeper(false)
        .callTimeout(Duration.ofSeconds(30))
        .open();
  }

  /** Each change begins where the one before it has ended, and none is missing. */
  @Test
  void historyOfManySettersIsOneChain() {
    int threads = 8;
    int times = 15;
    List<List<Long>> revisions;
    try (Howdah other = another()) {
      revisions =
          Threads.run(
              threads,
              thread -> {
                Flags flags = (thread % 2 == 0 ? howdah : other).flags();
                List<Long> mine = new ArrayList<>();
                for (int i = 0; i < times; i++) {
                  mine.add(
                      flags.set("chain", part((thread * times + i) % 100), "t" + thread, null));
                  assertThat(flags.evaluate("chain", ANN).rule())
                      .isNotEqualTo(FlagRule.FLAG_NOT_FOUND);
                }
                assertThat(mine).isSorted();
                return mine;
              });
    }
    List<FlagChange> history = howdah.flags().history("chain");
    assertThat(history).hasSize(threads * times);
    assertThat(history)
        .extracting(FlagChange::revision)
        .containsExactlyInAnyOrderElementsOf(revisions.stream().flatMap(List::stream).toList());
    for (int i = 1; i < history.size(); i++) {
      assertThat(history.get(i).revision()).isLessThan(history.get(i - 1).revision());
      assertThat(history.get(i).after()).isEqualTo(history.get(i - 1).before());
      assertThat(history.get(i).changedAt()).isBeforeOrEqualTo(history.get(i - 1).changedAt());
    }
    howdah.flags().refresh();
    assertThat(howdah.flags().status().revision()).isEqualTo(history.get(0).revision());
    assertThat(howdah.flags().get("chain").map(flag -> flag.definition().toJson()))
        .isEqualTo(history.get(0).after().map(json -> FlagDefinition.fromJson(json).toJson()));
  }

  /** A process never sees flags go back, nor one change without an earlier one. */
  @Test
  void snapshotsGoForwardAndAreConsistent() {
    Flags flags = howdah.flags();
    flags.set("left", part(0), "test", null);
    flags.set("right", part(0), "test", null);
    AtomicBoolean done = new AtomicBoolean();
    try (Howdah other = another()) {
      Threads.run(
          3,
          thread -> {
            if (thread == 0) {
              for (int i = 1; i <= 50; i++) {
                flags.set("left", part(i), "test", null);
                flags.set("right", part(i), "test", null);
              }
              done.set(true);
            } else {
              int seen = 0;
              while (!done.get()) {
                other.flags().refresh();
                int right = seenPercent(other, "right");
                int left = seenPercent(other, "left");
                assertThat(left)
                    .as("it was set first, and read last")
                    .isGreaterThanOrEqualTo(right);
                assertThat(right).isGreaterThanOrEqualTo(seen);
                seen = right;
              }
            }
            return true;
          });
    }
  }

  private static int seenPercent(Howdah howdah, String name) {
    return percent(howdah.flags().explain(name, ANN).flag().orElseThrow());
  }

  /** The poll comes once an hour here: what is seen was pushed. */
  @Test
  void changeIsPushedToEachProcess() {
    try (Howdah other =
        TestPostgres.builder()
            .schema(schema)
            .sweeper(false)
            .flagPollInterval(Duration.ofHours(1))
            .open()) {
      assertThat(other.flags().isEnabled("pushed", ANN)).isFalse();
      Eventually.holds(
          "it listens", () -> other.stats().listening().state() == Listener.State.PUSH);
      for (int percent = 1; percent <= 20; percent++) {
        int now = percent;
        assertThat(howdah.flags().set("pushed", part(now), "test", null)).isPositive();
        Eventually.holds(
            "it is in the snapshot",
            () ->
                other
                    .flags()
                    .explain("pushed", ANN)
                    .flag()
                    .filter(flag -> percent(flag) == now)
                    .isPresent());
      }
    }
  }

  /** By the poll alone, which comes each second. */
  @Test
  void otherProcessSeesEachChangeSoon() {
    try (Howdah other = another()) {
      Queue<FlagEvent> heard = new ConcurrentLinkedQueue<>();
      howdah.flags().set("soon", part(0), "test", null);
      try (Subscription unused = other.flags().onChange(heard::add)) {
        for (int i = 1; i <= 3; i++) {
          howdah.flags().set("soon", part(i), "test", null);
          long changed = System.nanoTime();
          int expected = i;
          Eventually.holds("the change is seen", () -> seenPercent(other, "soon") == expected);
          assertThat(Duration.ofNanos(System.nanoTime() - changed))
              .as("some polls, and what a busy machine adds")
              .isLessThan(Duration.ofSeconds(10));
        }
        Eventually.holds("it was told", () -> heard.size() == 3);
      }
    }
  }

  /**
   * A change that was made early and is committed late: with numbers out of a sequence, who polls
   * in between would have passed it. Here the later change waits, or gives up; none is passed.
   */
  @Test
  void lateCommitIsNotMissed() throws SQLException {
    Flags flags = howdah.flags();
    try (Howdah impatient =
            TestPostgres.builder()
                .schema(schema)
                .sweeper(false)
                .callTimeout(Duration.ofMillis(300))
                .open();
        Connection slow = connect()) {
      slow.setAutoCommit(false);
      long early = howdah.on(slow).flags().set("slow", part(1), "slow", null);
      flags.refresh();
      assertThat(flags.isEnabled("slow", ANN)).isFalse();
      assertThat(flags.status().revision()).isLessThan(early);
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> impatient.flags().set("quick", part(2), "quick", null))
          .isInstanceOfSatisfying(
              CallFailedException.class,
              e -> {
                assertThat(e.code()).isIn(ErrorCode.TIMEOUT, ErrorCode.LOCKED);
                assertThat(e.outcome()).isEqualTo(CallFailedException.Outcome.NOT_APPLIED);
              });
      // Who only asks does not wait.
      assertThat(flags.get("slow")).isEmpty();
      assertThat(sql("SELECT $.flag_enabled('slow', 'ann')")).containsExactly("f");
      slow.commit();
      long late = flags.set("quick", part(100), "quick", null);
      assertThat(late).isEqualTo(early + 1);
      assertThat(flags.evaluate("slow", ANN).rule()).isEqualTo(FlagRule.NOT_IN_ROLLOUT);
      assertThat(flags.isEnabled("quick", ANN)).isTrue();
    }
  }

  /** Two transactions that change two flags in different orders wait, and do not deadlock. */
  @Test
  void ordersOfFlagsDoNotDeadlock() {
    Threads.run(
        4,
        thread -> {
          for (int i = 0; i < 15; i++) {
            int percent = i;
            howdah.transaction(tx -> {
              tx.flags().set(thread % 2 == 0 ? "x" : "y", part(percent), "t" + thread, null);
              tx.flags().delete(thread % 2 == 0 ? "y" : "x", "t" + thread, null);
            });
          }
          return true;
        });
    List<Long> gaps =
        sql("SELECT count(*) - count(DISTINCT revision) FROM $.flag_change").stream()
            .map(Long::valueOf)
            .toList();
    assertThat(gaps).containsExactly(0L);
  }
}
