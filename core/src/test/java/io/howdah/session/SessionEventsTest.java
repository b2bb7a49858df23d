package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.channel.ChannelSubscription;
import io.howdah.session.SessionSettings.OnFull;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens to sessions is recorded once, by the transaction that makes it happen. */
@Timeout(180)
class SessionEventsTest extends SessionTest {
  private SessionSettings keeping(Durability durability) {
    return defaults().withDurability(durability).keepingEvents(Duration.ofDays(1));
  }

  private List<String> events(String kind) {
    return sql("SELECT handle FROM $.session_event WHERE kind = ? ORDER BY xid, id", kind);
  }

  private void sweep() {
    while (!howdah.sweep().isDone()) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void lifeOfASessionIsRecorded(Durability durability) {
    sessions.configure(keeping(durability));
    CreatedSession one = sessions.create("ann");
    CreatedSession two = sessions.create("ann");
    CreatedSession three = sessions.create(SessionRequest.anonymous());
    assertThat(sessions.revoke(one.token())).isTrue();
    assertThat(sessions.revoke(one.token())).isFalse();
    assertThat(sessions.rotate(two.token())).isPresent();
    age(1800);
    assertThat(sessions.revokeUser("ann")).as("it is dead already").isZero();
    sweep();
    sweep();
    assertThat(events("created"))
        .containsExactly(
            one.session().handle().toString(),
            two.session().handle().toString(),
            three.session().handle().toString());
    assertThat(events("revoked")).containsExactly(one.session().handle().toString());
    assertThat(events("expired"))
        .containsExactlyInAnyOrder(
            two.session().handle().toString(), three.session().handle().toString());
    assertThat(
            sql(
                "SELECT coalesce(user_id, '-') FROM $.session_event WHERE kind = 'created' ORDER BY id"))
        .containsExactly("ann", "ann", "-");
    assertThat(
            sql(
                "SELECT count(*) FROM $.session_event WHERE kind = 'expired' AND happened_at > now()"))
        .containsExactly("0");
  }

  @Test
  void nothingIsRecordedWhereNobodyAsksForIt() {
    CreatedSession one = sessions.create("ann");
    var unused = sessions.create("ann");
    assertThat(sessions.revoke(one.token())).isTrue();
    age(1800);
    sweep();
    assertThat(sql("SELECT count(*) FROM $.session_durable")).containsExactly("0");
    assertThat(sql("SELECT count(*) FROM $.session_event")).containsExactly("0");
  }

  @Test
  void evictionAtTheBoundIsARevocation() {
    sessions.configure(keeping(Durability.RELAXED).withMaxPerUser(1, OnFull.EVICT));
    UUID first = sessions.create("ann").session().handle();
    var unused = sessions.create("ann");
    assertThat(events("revoked")).containsExactly(first.toString());
  }

  @Test
  void eventIsUndoneWithWhatItTellsOf() {
    sessions.configure(keeping(Durability.RELAXED));
    String token = sessions.create("ann").token();
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              assertThat(tx.sessions().revoke(token)).isTrue();
              var unused = tx.sessions().create("bob");
              throw new IllegalStateException("never mind");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(events("revoked")).isEmpty();
    assertThat(events("created")).hasSize(1);
    assertThat(sessions.get(token)).isPresent();
  }

  /** Several processes sweep, sessions end all the time, some are revoked at that moment. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void eachSessionEndsOnceWhoeverSweeps(Durability durability) throws InterruptedException {
    sessions.configure(keeping(durability));
    int each = 30;
    AtomicBoolean done = new AtomicBoolean();
    List<Howdah> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(TestPostgres.builder().schema(schema).open());
    }
    List<Thread> sweepers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread sweeper =
          new Thread(() -> {
            while (!done.get()) {
              howdah.sweep();
            }
          });
      sweeper.start();
      sweepers.add(sweeper);
    }
    try {
      Threads.run(
          16,
          thread -> {
            for (int i = 0; i < each; i++) {
              CreatedSession created =
                  sessions.create(
                      SessionRequest.of("user-" + thread).withIdle(Duration.ofMillis(20)));
              if (i % 3 == 0) {
                sessions.revoke(created.token());
              }
            }
            return true;
          });
      Eventually.holds(
          "all have ended",
          () ->
              sql("SELECT count(*) FROM (SELECT 1 FROM $.session_durable UNION ALL SELECT 1 FROM $.session_ephemeral) AS x")
                  .equals(List.of("0")));
    } finally {
      done.set(true);
      others.forEach(Howdah::close);
    }
    for (Thread sweeper : sweepers) {
      sweeper.join();
    }
    assertThat(events("created")).hasSize(16 * each).doesNotHaveDuplicates();
    List<String> ended = sql("SELECT handle FROM $.session_event WHERE kind <> 'created'");
    assertThat(ended)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(events("created"));
    assertThat(events("expired")).hasSizeGreaterThanOrEqualTo(16 * each * 2 / 3);
  }

  @Test
  void eventsAreKeptForAsLongAsTheSettingsSay() {
    sessions.configure(keeping(Durability.RELAXED));
    var unused = sessions.create("ann");
    execute("UPDATE $.session_event SET expires_at = expires_at - interval '23 hours'");
    sweep();
    assertThat(events("created")).hasSize(1);
    execute("UPDATE $.session_event SET expires_at = expires_at - interval '1 hour'");
    sweep();
    assertThat(events("created")).isEmpty();
  }

  private static List<String> told(List<SessionEvent> events) {
    return events.stream().map(one -> one.kind() + " " + one.handle()).toList();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void everySubscribingProcessIsToldOnce(Durability durability) {
    sessions.configure(keeping(durability));
    String before = sessions.eventsNow();
    List<SessionEvent> here = new CopyOnWriteArrayList<>();
    List<SessionEvent> there = new CopyOnWriteArrayList<>();
    try (Howdah other = TestPostgres.builder().schema(schema).sweeper(false).open();
        ChannelSubscription one = sessions.onEvent(before, here::add);
        ChannelSubscription two = other.sessions().onEvent(before, there::add)) {
      CreatedSession ann = sessions.create("ann");
      CreatedSession nobody = sessions.create(SessionRequest.anonymous());
      assertThatThrownBy(() ->
              howdah.transaction(tx -> {
                assertThat(tx.sessions().revoke(ann.token())).isTrue();
                throw new IllegalStateException("never mind");
              }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(sessions.revoke(ann.token())).isTrue();
      age(1800);
      sweep();
      List<String> expected =
          List.of(
              "CREATED " + ann.session().handle(),
              "CREATED " + nobody.session().handle(),
              "REVOKED " + ann.session().handle(),
              "EXPIRED " + nobody.session().handle());
      Eventually.holds("all is told", () -> here.size() >= 4 && there.size() >= 4);
      assertThat(told(here)).isEqualTo(expected);
      assertThat(there).isEqualTo(here);
      assertThat(here.get(0).userId()).contains("ann");
      assertThat(here.get(1).userId()).isEmpty();
    }
    List<SessionEvent> again = new CopyOnWriteArrayList<>();
    try (ChannelSubscription late = sessions.onEvent(here.get(1).cursor(), again::add)) {
      Eventually.holds("the rest is told", () -> again.size() == 2);
      assertThat(again).isEqualTo(here.subList(2, 4));
    }
  }

  @Test
  void whereNoEventsAreKeptNobodyCanListen() {
    assertThatThrownBy(() -> sessions.onEvent(null, event -> {}))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_RETAINED));
  }
}
