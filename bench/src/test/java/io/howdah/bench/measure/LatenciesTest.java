package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

final class LatenciesTest {

  private static final Percentage RECORDING_ERROR = Percentage.withPercentage(1);

  @Test
  void percentilesAreThoseOfAllCallsNotTheMeanOfTheRounds() {
    // 990 calls of 1 ms in one round, 10 of 100 ms in another.
    CaseResult result =
        new CaseResult(
            Results.GET,
            Results.profile("any"),
            List.of(
                Results.round(0, 990, histogram(990, 1)), Results.round(1, 10, histogram(10, 100))),
            List.of());

    Latencies latencies = result.latencies();

    assertThat(latencies.p50()).isCloseTo(1_000, RECORDING_ERROR);
    assertThat(latencies.p99()).isCloseTo(1_000, RECORDING_ERROR);
    assertThat(latencies.p999()).isCloseTo(100_000, RECORDING_ERROR);
    assertThat(latencies.max()).isCloseTo(100_000, RECORDING_ERROR);
    assertThat(latencies.mean()).isCloseTo(1_990, RECORDING_ERROR);
  }

  @Test
  void areZeroWhenNothingWasCalled() {
    assertThat(Latencies.of(CallRecorder.newHistogram())).isEqualTo(new Latencies(0, 0, 0, 0, 0));
  }

  @Test
  void aCallThatEndsAfterTheRoundCountsForLatencyAlone() {
    CallRecorder recorder = new CallRecorder();
    long now = System.nanoTime();
    recorder.startUntil(now);

    recorder.completed(now - TimeUnit.MILLISECONDS.toNanos(2), now);
    recorder.completed(now - TimeUnit.MILLISECONDS.toNanos(2), now + 1);

    assertThat(recorder.calls()).isEqualTo(1);
    assertThat(recorder.latencies().getTotalCount()).isEqualTo(2);
  }

  @Test
  void aCallLongerThanTheScaleIsRecordedAsTheLongest() {
    CallRecorder recorder = new CallRecorder();
    recorder.startUntil(0);

    recorder.completed(0, TimeUnit.HOURS.toNanos(1));

    assertThat(Latencies.of(recorder.latencies()).max()).isCloseTo(5 * 60e6, within(3e6));
  }

  private static Histogram histogram(int calls, long millis) {
    Histogram histogram = CallRecorder.newHistogram();
    histogram.recordValueWithCount(TimeUnit.MILLISECONDS.toNanos(millis), calls);
    return histogram;
  }
}
