package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CallByCallTest {

  private static final Duration MOMENT = Duration.ofMillis(20);

  private final List<String> events = new ArrayList<>();

  @Test
  void playersTakeTurnsThereAndBack() throws Exception {
    play(1, well("a"), well("b"));

    // One turn after the other: a b b a a b b a …
    List<String> turns = new ArrayList<>();
    for (int i = 0; i + 8 <= events.size(); i += 8) {
      assertThat(events.subList(i, i + 8)).containsOnly(events.get(i));
      turns.add(events.get(i));
    }
    assertThat(turns).hasSizeGreaterThan(4);
    for (int i = 0; i < turns.size(); i++) {
      assertThat(turns.get(i)).isEqualTo(i % 4 == 0 || i % 4 == 3 ? "a" : "b");
    }
  }

  @Test
  void aRoundIsAsLongAsThePlayersOwnCalls() throws Exception {
    CallByCall.Turn halfAMillisecond =
        recorder -> recorder.completed(0, TimeUnit.MICROSECONDS.toNanos(500));
    CallByCall.Turn twoMilliseconds =
        recorder -> recorder.completed(0, TimeUnit.MILLISECONDS.toNanos(2));

    List<CaseResult> results =
        play(2, player("quick", halfAMillisecond), player("slow", twoMilliseconds));

    assertThat(results.get(0).rounds()).hasSize(2);
    assertThat(results.get(0).throughput().median()).isBetween(1_990.0, 2_010.0);
    assertThat(results.get(1).throughput().median()).isBetween(495.0, 505.0);
  }

  @Test
  void aWrongAnswerVoidsTheResultOfItsPlayerAlone() throws Exception {
    CallByCall.Turn lying =
        recorder -> {
          recorder.completed(0, 1_000);
          recorder.wrong("no value for k");
        };

    List<CaseResult> results = play(2, player("lying", lying), well("b"));

    assertThat(results.get(0).isValid()).isFalse();
    assertThat(results.get(0).problems()).containsExactly("wrong answer: no value for k");
    assertThat(results.get(0).rounds()).hasSize(1);
    assertThat(results.get(1).isValid()).isTrue();
  }

  @Test
  void aFailingCallEndsTheCase() throws Exception {
    CallByCall.Turn broken =
        recorder -> {
          throw new IllegalStateException("connection lost");
        };

    List<CaseResult> results = play(5, well("a"), player("broken", broken));

    assertThat(results.get(1).isValid()).isFalse();
    assertThat(results.get(1).problems())
        .containsExactly("failed: java.lang.IllegalStateException: connection lost");
    assertThat(results.get(0).rounds()).hasSize(1);
  }

  @Test
  void eachRoundBeginsSettled() throws Exception {
    Schedule schedule = new Schedule(3, MOMENT, Duration.ZERO, Duration.ZERO);
    new CallByCall(schedule, new Silence())
        .play(Results.GET, List.of(well("a")), () -> events.add("settled"));

    assertThat(events.get(0)).isEqualTo("settled");
    assertThat(events).filteredOn("settled"::equals).hasSize(3);
  }

  private List<CaseResult> play(int rounds, CallByCall.Player... players) throws Exception {
    Schedule schedule = new Schedule(rounds, MOMENT, Duration.ZERO, Duration.ZERO);
    return new CallByCall(schedule, new Silence()).play(Results.GET, List.of(players), () -> {});
  }

  private CallByCall.Player well(String name) {
    return player(
        name,
        recorder -> {
          events.add(name);
          recorder.completed(0, 1_000);
        });
  }

  private static CallByCall.Player player(String name, CallByCall.Turn turn) {
    return new CallByCall.Player(Results.profile(name), turn);
  }
}
