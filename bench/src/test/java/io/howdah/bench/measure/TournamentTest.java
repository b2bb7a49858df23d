package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TournamentTest {

  private static final Case MEASURED = new Case("anything", 2);

  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  @Test
  void nobodyFollowsTheSameNeighbourInTwoSuccessiveRounds() throws InterruptedException {
    play(6, well("a"), well("b"), well("c"), well("d"));

    for (int round = 1; round < 6; round++) {
      assertThat(pairsOf(round)).hasSize(3).doesNotContainAnyElementsOf(pairsOf(round - 1));
    }
  }

  @Test
  void overAsManyRoundsAsContestantsEverybodyFollowsEverybodyElseOnce()
      throws InterruptedException {
    play(4, well("a"), well("b"), well("c"), well("d"));

    List<String> pairs = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      pairs.addAll(pairsOf(round));
    }
    assertThat(pairs).hasSize(12).doesNotHaveDuplicates();
  }

  @Test
  void whatARoundLeavesBehindIsDoneBeforeTheNextOnePlays() throws InterruptedException {
    play(2, well("a"), well("b"));

    assertThat(events.subList(0, 2)).as("warm-ups").containsExactly("settle a", "settle b");
    assertThat(events).hasSize(10);
    for (int i = 2; i < events.size(); i += 2) {
      assertThat(events.get(i + 1)).isEqualTo("settle " + events.get(i).substring(0, 1));
    }
  }

  @Test
  void everybodyWarmsUpBeforeTheFirstRoundAndAgainBeforeEachOwn() throws InterruptedException {
    Duration moment = Duration.ofMillis(10);
    List<CaseResult> results = play(new Schedule(2, moment, moment, moment), well("a"), well("b"));

    List<String> runs = events.stream().filter(event -> !event.startsWith("settle")).toList();
    assertThat(runs.subList(0, 2)).containsExactly("a-1", "b-1");
    assertThat(runs).hasSize(10);
    for (int i = 2; i < runs.size(); i += 2) {
      String player = runs.get(i).substring(0, 1);
      assertThat(runs.get(i)).startsWith(player + "-");
      assertThat(runs.get(i + 1)).startsWith(player).doesNotContain("-");
    }
    assertThat(results).allSatisfy(result -> assertThat(result.rounds()).hasSize(2));
  }

  @Test
  void everyThreadIsCounted() throws InterruptedException {
    CaseResult result = play(1, well("a")).get(0);

    assertThat(result.rounds()).hasSize(1);
    assertThat(result.rounds().get(0).calls()).isEqualTo(2);
    assertThat(result.isValid()).isTrue();
  }

  @Test
  void aWrongAnswerVoidsTheResultAndTheOthersPlayOn() throws InterruptedException {
    Contestant lying = contestant("lying", recorder -> recorder.wrong("no value for k"));

    List<CaseResult> results = play(2, lying, well("b"));

    assertThat(results.get(0).isValid()).isFalse();
    assertThat(results.get(0).wrongAnswers()).isEqualTo(2);
    assertThat(results.get(0).problems()).containsExactly("wrong answer: no value for k");
    assertThat(results.get(0).rounds()).hasSize(1);
    assertThat(results.get(1).rounds()).hasSize(2);
  }

  @Test
  void aFailingCallVoidsTheResult() throws InterruptedException {
    Contestant broken =
        contestant(
            "broken",
            recorder -> {
              throw new IllegalStateException("connection lost");
            });

    CaseResult result = play(2, broken).get(0);

    assertThat(result.isValid()).isFalse();
    assertThat(result.problems())
        .containsExactly("failed: java.lang.IllegalStateException: connection lost");
  }

  @Test
  void aContestantThatCannotConnectHasAVoidResult() throws InterruptedException {
    Contestant absent =
        new Contestant() {
          @Override
          public Profile profile() {
            return Results.profile("absent");
          }

          @Override
          public Session open(Case measured) {
            throw new IllegalStateException("refused");
          }
        };

    List<CaseResult> results = play(1, absent, well("b"));

    assertThat(results.get(0).isValid()).isFalse();
    assertThat(results.get(0).problems().get(0)).contains("refused");
    assertThat(results.get(1).isValid()).isTrue();
  }

  private List<CaseResult> play(int rounds, Contestant... contestants) throws InterruptedException {
    return play(
        new Schedule(rounds, Duration.ofMillis(50), Duration.ZERO, Duration.ZERO), contestants);
  }

  private List<CaseResult> play(Schedule schedule, Contestant... contestants)
      throws InterruptedException {
    return new Tournament(schedule, new Silence()).play(MEASURED, List.of(contestants));
  }

  private Contestant well(String name) {
    return contestant(
        name,
        recorder -> {
          long now = System.nanoTime();
          recorder.completed(now, now);
        });
  }

  private Contestant contestant(String name, CallLoop loop) {
    return new Contestant() {
      @Override
      public Profile profile() {
        return Results.profile(name);
      }

      @Override
      public Session open(Case measured) {
        return new Session() {
          @Override
          public List<CallLoop> loops(int round) {
            events.add(name + round);
            return Collections.nCopies(measured.threads(), loop);
          }

          @Override
          public void settle() {
            events.add("settle " + name);
          }

          @Override
          public void close() {}
        };
      }
    };
  }

  /** Who followed whom in a round, for example "ab". */
  private Set<String> pairsOf(int round) {
    List<String> names =
        events.stream()
            .filter(event -> event.endsWith(Integer.toString(round)))
            .map(event -> event.substring(0, 1))
            .toList();
    Set<String> pairs = new HashSet<>();
    for (int i = 1; i < names.size(); i++) {
      pairs.add(names.get(i - 1) + names.get(i));
    }
    return pairs;
  }
}
