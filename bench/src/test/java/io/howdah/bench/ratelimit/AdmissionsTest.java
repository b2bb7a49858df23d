package io.howdah.bench.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.Silence;
import io.howdah.bench.measure.Tournament;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

final class AdmissionsTest {

  private static final Schedule SHORT =
      new Schedule(2, Duration.ofMillis(1), Duration.ZERO, Duration.ofMillis(1));

  @Test
  void whoKeepsTheLimitIsValid() throws Exception {
    CaseResult result = play("denied", 0);

    assertThat(result.problems()).isEmpty();
    assertThat(result.isValid()).isTrue();
  }

  @Test
  void oneCallTooManyIsAWrongAnswer() throws Exception {
    CaseResult result = play("denied", 1);

    assertThat(result.isValid()).isFalse();
    assertThat(result.problems())
        .singleElement()
        .asString()
        .startsWith("wrong answer: allowed 101 of ")
        .endsWith("the limit is 100");
  }

  @Test
  void oneCallTooFewIsAWrongAnswer() throws Exception {
    assertThat(play("denied", -1).problems())
        .singleElement()
        .asString()
        .startsWith("wrong answer: allowed 99 of ");
  }

  @Test
  void denyingACallThatHasRoomIsAWrongAnswer() throws Exception {
    assertThat(play("hot", -Workload.HOT.allowance().calls()).problems())
        .singleElement()
        .isEqualTo("wrong answer: denied a call on hot, which has room");
  }

  private static CaseResult play(String workload, long off) throws Exception {
    Contestant contestant = new RateLimitContestant(new OffBy(off), 10);
    return new Tournament(SHORT, new Silence())
        .play(new Case(workload, 4), List.of(contestant))
        .get(0);
  }

  /** A limiter in the heap, which allows so many more calls than its limit. */
  private static final class OffBy implements RateLimitTarget {
    private final long off;
    private final Map<String, Long> counts = new ConcurrentHashMap<>();
    private long limit;

    OffBy(long off) {
      this.off = off;
    }

    @Override
    public Profile profile() {
      return new Profile(
          "off", "Off", "in the heap", Profile.Family.POSTGRES, Durability.EPHEMERAL);
    }

    @Override
    public void open(int threads, Allowance allowance) {
      limit = allowance.calls();
    }

    @Override
    public boolean acquire(String key) {
      return counts.merge(key, 1L, Long::sum) <= limit + off;
    }

    @Override
    public void settle() {}

    @Override
    public void close() {}
  }
}
