package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RatioTest {

  @Test
  void isTheMedianOfTheRoundsRatiosNotTheRatioOfTheMedians() {
    // The machine was ten times as fast in the second round; the ratio was 2, 3 and 1.
    CaseResult ours = Results.withCalls("ours", 200, 3_000, 100);
    CaseResult baseline = Results.withCalls("baseline", 100, 1_000, 100);

    Ratio ratio = Ratio.of(ours, baseline, Round::callsPerSecond).orElseThrow();

    assertThat(ratio.baseline()).isEqualTo("baseline");
    assertThat(ratio.rounds()).containsExactly(2.0, 3.0, 1.0);
    assertThat(ratio.spread()).isEqualTo(new Spread(2, 1, 3));
  }

  @Test
  void leavesOutRoundsThatOneOfThemDidNotPlay() {
    CaseResult ours = Results.withCalls("ours", 200, 300);
    CaseResult baseline = Results.withCalls("baseline", 100);

    assertThat(Ratio.of(ours, baseline, Round::callsPerSecond).orElseThrow().rounds())
        .containsExactly(2.0);
  }

  @Test
  void isOfTheFigureThatIsAskedFor() {
    CaseResult ours = Results.withLatencies("ours", 300, 100);
    CaseResult baseline = Results.withLatencies("baseline", 100, 100);

    Ratio ratio = Ratio.of(ours, baseline, Round::medianMicros).orElseThrow();

    assertThat(ratio.spread().median()).isCloseTo(2, within(0.05));
  }

  @Test
  void needsARoundInCommon() {
    CaseResult ours = Results.withCalls("ours", 200);
    CaseResult baseline = Results.withCalls("baseline");

    assertThat(Ratio.of(ours, baseline, Round::callsPerSecond)).isEmpty();
  }

  @Test
  void comparesWithTheFirstBaselineThatTookPart() {
    CaseResult ours = Results.withCalls("ours", 200);
    CaseResult plain = Results.withCalls("plain", 100);
    Comparison comparison =
        new Comparison("× it", Round::callsPerSecond, (profile, id) -> List.of("absent", "plain"));

    assertThat(comparison.of(ours, List.of(ours, plain)).orElseThrow().baseline())
        .isEqualTo("plain");
    assertThat(comparison.of(ours, List.of(ours))).isEmpty();
  }

  @Test
  void aResultThatIsVoidIsComparedWithNothing() {
    CaseResult plain = Results.withCalls("plain", 100);
    CaseResult wrong =
        new CaseResult(
            Results.GET, Results.profile("wrong"), plain.rounds(), List.of("wrong answer: x"));
    Comparison comparison =
        new Comparison("× it", Round::callsPerSecond, (profile, id) -> List.of("plain"));

    assertThat(comparison.of(wrong, List.of(wrong, plain))).isEmpty();
  }
}
