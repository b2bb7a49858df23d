package io.howdah.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.Linearizability.Call;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The search itself finds what is wrong. */
class LinearizabilityTest {
  private static final OptionalLong ABSENT = OptionalLong.empty();

  @Test
  void staleReadIsFound() {
    assertThat(
            Linearizability.holds(
                List.of(
                    Call.set(0, 10, 1),
                    Call.set(11, 20, 2),
                    Call.read(21, 30, OptionalLong.of(1)))))
        .isFalse();
  }

  @Test
  void overlappingReadMaySeeEither() {
    for (long seen : new long[] {1, 2}) {
      assertThat(
              Linearizability.holds(
                  List.of(
                      Call.set(0, 10, 1),
                      Call.set(11, 25, 2),
                      Call.read(21, 30, OptionalLong.of(seen)))))
          .isTrue();
    }
  }

  @Test
  void twoSuccessfulSwapsOfOneVersionAreFound() {
    assertThat(
            Linearizability.holds(
                List.of(
                    Call.set(0, 10, 1),
                    Call.compareAndSet(11, 20, 1, OptionalLong.of(2)),
                    Call.compareAndSet(12, 21, 1, OptionalLong.of(3)))))
        .isFalse();
  }

  @Test
  void callOfUnknownOutcomeMayHaveHappenedOrNot() {
    for (long seen : new long[] {1, 2}) {
      assertThat(
              Linearizability.holds(
                  List.of(
                      Call.set(0, 10, 1),
                      Call.unknown("set 2", 11, state -> 2),
                      Call.read(100, 110, OptionalLong.of(seen)))))
          .isTrue();
    }
  }

  @Test
  void callOfUnknownOutcomeHappensOnceAndNotBeforeItBegan() {
    Call unknown = Call.unknown("set 2", 11, state -> 2);
    assertThat(
            Linearizability.holds(
                List.of(Call.set(0, 5, 1), Call.read(6, 10, OptionalLong.of(2)), unknown)))
        .isFalse();
    assertThat(
            Linearizability.holds(
                List.of(
                    unknown,
                    Call.read(20, 30, OptionalLong.of(2)),
                    Call.set(40, 50, 3),
                    Call.read(60, 70, OptionalLong.of(2)))))
        .isFalse();
  }

  @Test
  void lossTakesTheLastCallsAndNoOthers() {
    List<Call> before =
        List.of(
            Call.set(0, 10, 1), Call.set(20, 30, 2), Call.set(40, 50, 3), Call.loss(60, 70, 25));
    for (long seen : new long[] {1, 2, 3}) {
      assertThat(after(before, Call.read(80, 90, OptionalLong.of(seen)))).isTrue();
    }
    assertThat(after(before, Call.read(80, 90, ABSENT))).isFalse();
    assertThat(
            after(
                before,
                Call.read(80, 90, OptionalLong.of(2)),
                Call.read(91, 95, OptionalLong.of(3))))
        .isFalse();
  }

  @Test
  void lossTakesNothingThatWasThereAfterAnEarlierOne() {
    List<Call> before = List.of(Call.set(0, 10, 1), Call.loss(20, 30, 0), Call.loss(40, 50, 0));
    assertThat(after(before, Call.read(60, 70, ABSENT))).isTrue();
    assertThat(after(before, Call.read(31, 35, OptionalLong.of(1)), Call.read(60, 70, ABSENT)))
        .isFalse();
  }

  private static boolean after(List<Call> before, Call... reads) {
    List<Call> calls = new java.util.ArrayList<>(before);
    calls.addAll(List.of(reads));
    return Linearizability.holds(calls);
  }
}
