package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TournamentTest {

  private static final Case MEASURED = new Case("anything", 2);

  private final List<String> played = Collections.synchronizedList(new ArrayList<>());

  @Test
  void theOrderMovesOnByOneFromRoundToRound() throws InterruptedException {
    play(3, well("a"), well("b"), well("c"));

    assertThat(played).containsExactly("a0", "b0", "c0", "b1", "c1", "a1", "c2", "a2", "b2");
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
    Schedule schedule = new Schedule(rounds, Duration.ofMillis(500), Duration.ZERO);
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
            played.add(name + round);
            return Collections.nCopies(measured.threads(), loop);
          }

          @Override
          public void close() {}
        };
      }
    };
  }

  private static final class Silence implements Progress {
    @Override
    public void phase(String description) {}

    @Override
    public void begin(Duration planned) {}

    @Override
    public void roundDone(Case measured, int round, List<RoundResult> results) {}

    @Override
    public void caseDone(Case measured, List<CaseResult> results) {}
  }
}
