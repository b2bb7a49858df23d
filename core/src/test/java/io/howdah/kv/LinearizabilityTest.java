package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The search itself finds what is wrong. */
class LinearizabilityTest {
  @Test
  void staleReadIsFound() {
    assertThat(
            Linearizability.holds(
                List.of(
                    Linearizability.Call.set(0, 10, 1),
                    Linearizability.Call.set(11, 20, 2),
                    Linearizability.Call.read(21, 30, OptionalLong.of(1)))))
        .isFalse();
  }

  @Test
  void overlappingReadMaySeeEither() {
    for (long seen : new long[] {1, 2}) {
      assertThat(
              Linearizability.holds(
                  List.of(
                      Linearizability.Call.set(0, 10, 1),
                      Linearizability.Call.set(11, 25, 2),
                      Linearizability.Call.read(21, 30, OptionalLong.of(seen)))))
          .isTrue();
    }
  }

  @Test
  void twoSuccessfulSwapsOfOneVersionAreFound() {
    assertThat(
            Linearizability.holds(
                List.of(
                    Linearizability.Call.set(0, 10, 1),
                    Linearizability.Call.compareAndSet(11, 20, 1, OptionalLong.of(2)),
                    Linearizability.Call.compareAndSet(12, 21, 1, OptionalLong.of(3)))))
        .isFalse();
  }
}
