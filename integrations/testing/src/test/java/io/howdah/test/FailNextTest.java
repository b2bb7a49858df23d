package io.howdah.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.CallFailedException;
import io.howdah.CallFailedException.Outcome;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.cache.CacheSettings;
import io.howdah.kv.KeyValueStore;
import io.howdah.near.NearSettings;
import io.howdah.ratelimit.Decision;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Calls that fail as a test says. */
class FailNextTest {
  @RegisterExtension
  static final HowdahExtension HOWDAH =
      HowdahExtension.on(() -> HowdahPostgres.at(TestPostgres.url()));

  private final Howdah howdah;
  private final HowdahTesting testing;
  private final KeyValueStore<Integer> store;

  FailNextTest(Howdah howdah, HowdahTesting testing) {
    this.howdah = howdah;
    this.testing = testing;
    this.store = howdah.kv("n", Integer.class);
  }

  @AfterEach
  void clear() {
    testing.stopFailing();
  }

  private static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(HowdahException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void soManyCallsFailAndTheNextIsMade() {
    store.set("k", 1);
    testing.failNext(2, ErrorCode.UNAVAILABLE);
    assertThat(testing.failuresLeft()).isEqualTo(2);
    assertFails(ErrorCode.UNAVAILABLE, () -> store.get("k"));
    assertFails(ErrorCode.UNAVAILABLE, () -> store.set("k", 2));
    assertThat(testing.failuresLeft()).isZero();
    assertThat(store.get("k")).as("the write was not sent").contains(1);
  }

  @Test
  void outcomeIsTheOneOfARealFault() {
    testing.failNext(2, ErrorCode.TIMEOUT);
    assertThatThrownBy(() -> store.set("k", 1))
        .isInstanceOfSatisfying(
            CallFailedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
    assertThatThrownBy(() -> store.get("k"))
        .isInstanceOfSatisfying(
            CallFailedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
    testing.failNext(1, ErrorCode.LOCKED);
    assertThatThrownBy(() -> store.set("k", 1))
        .isInstanceOfSatisfying(
            CallFailedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
    testing.failNext(1, ErrorCode.CONFLICT);
    assertFails(ErrorCode.CONFLICT, () -> store.set("k", 1));
  }

  @Test
  void onlyTheNamedFunctionsFail() {
    testing.failNext(1, ErrorCode.UNAVAILABLE, "session", "kv_get");
    testing.failNext(1, ErrorCode.STANDBY, "kv_set");
    assertThat(store.increment("counter")).isEqualTo(1);
    assertFails(ErrorCode.STANDBY, () -> store.set("k", 1));
    store.set("k", 1);
    assertFails(ErrorCode.UNAVAILABLE, () -> store.getAll(List.of("k")));
    assertThat(store.get("k")).contains(1);
    testing.failNext(1, ErrorCode.UNAVAILABLE, "session");
    assertThat(howdah.tokens().issue("p", "s", Duration.ofMinutes(1))).isNotNull();
    assertFails(ErrorCode.UNAVAILABLE, () -> howdah.sessions().create("u"));
  }

  @Test
  void failuresComeInTheOrderInWhichTheyWereAskedFor() {
    testing.failNext(1, ErrorCode.TIMEOUT);
    testing.failNext(1, ErrorCode.UNAVAILABLE);
    assertFails(ErrorCode.TIMEOUT, () -> store.get("k"));
    assertFails(ErrorCode.UNAVAILABLE, () -> store.get("k"));
    assertThat(testing.failuresLeft()).isZero();
  }

  @Test
  void ofManyCallsAtOnceExactlySoManyFail() {
    testing.failNext(50, ErrorCode.UNAVAILABLE, "kv_set");
    List<Integer> failed =
        Threads.run(
            20,
            thread -> {
              int failures = 0;
              for (int i = 0; i < 20; i++) {
                try {
                  store.set("k" + thread + "-" + i, i);
                } catch (HowdahException e) {
                  failures++;
                }
              }
              return failures;
            });
    assertThat(failed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(50);
    assertThat(store.count("k")).isGreaterThanOrEqualTo(350);
  }

  @Test
  void asynchronousCallsFailThroughTheirStage() {
    testing.failNext(1, ErrorCode.UNAVAILABLE);
    var stage = store.async().get("k").toCompletableFuture();
    assertThatThrownBy(stage::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(CallFailedException.class);
  }

  @Test
  void callsInATransactionFailAndLeaveItUsable() {
    howdah.transaction(tx -> {
      testing.failNext(1, ErrorCode.UNAVAILABLE, "kv");
      assertFails(ErrorCode.UNAVAILABLE, () -> tx.kv("n", Integer.class).set("in", 1));
      tx.kv("n", Integer.class).set("in", 2);
    });
    assertThat(store.get("in")).contains(2);
  }

  @Test
  void limitersAndCachesDoWhatTheyDoWhenPostgresIsAway() {
    RateLimiter open =
        howdah
            .rateLimiter("l", RateLimit.perMinute(1))
            .whenUnavailable(RateLimiter.Fallback.OPEN, Duration.ofSeconds(1));
    testing.failNext(1, ErrorCode.UNAVAILABLE, "rate_limit");
    assertThat(open.acquire("k").source()).isEqualTo(Decision.Source.UNAVAILABLE);
    var cache = howdah.cache("c", String.class, CacheSettings.defaults().withLoadsWhenAway(true));
    cache.put("k", "cached");
    testing.failNext(2, ErrorCode.UNAVAILABLE, "cache");
    assertThat(cache.get("k", () -> "loaded")).isEqualTo("loaded");
    testing.stopFailing();
    assertThat(cache.get("k", () -> "loaded")).isEqualTo("cached");
  }

  @Test
  void whatHowdahDoesByItselfIsNotMeantUnlessItIsNamed() {
    testing.failNext(1, ErrorCode.UNAVAILABLE);
    assertThat(howdah.jobs().take("q", 1, Duration.ofMinutes(1), "w")).isEmpty();
    assertThat(howdah.stats()).isNotNull();
    assertThat(testing.failuresLeft()).isEqualTo(1);
    testing.stopFailing();
    testing.failNext(1, ErrorCode.UNAVAILABLE, "job_take");
    assertFails(
        ErrorCode.UNAVAILABLE, () -> howdah.jobs().take("q", 1, Duration.ofMinutes(1), "w"));
  }

  @Test
  void whatANearCacheAnswersIsNoCall() {
    KeyValueStore<Integer> near = howdah.kv("near", Integer.class).near(NearSettings.defaults());
    near.set("k", 1);
    // Once more where the notification of the write takes away what was kept meanwhile.
    Eventually.holds("the near cache answers", () -> isAnsweredWithoutACall(near));
  }

  private boolean isAnsweredWithoutACall(KeyValueStore<Integer> near) {
    assertThat(near.get("k")).contains(1);
    testing.failNext(1, ErrorCode.UNAVAILABLE, "kv_get");
    try {
      assertThat(near.get("k")).contains(1);
      return testing.failuresLeft() == 1;
    } catch (CallFailedException e) {
      return false;
    } finally {
      testing.stopFailing();
    }
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> testing.failNext(0, ErrorCode.UNAVAILABLE))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessage("calls: 1 or more expected, got 0");
    assertThatThrownBy(() -> testing.failNext(1, ErrorCode.INVALID_ARGUMENT))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("code");
    assertThat(testing.failuresLeft()).isZero();
    try (Howdah elsewhere =
        Howdah.builder(TestPostgres.url())
            .schema(TestPostgres.freshSchema(getClass()))
            .sweeper(false)
            .open()) {
      assertThatThrownBy(() -> HowdahTesting.of(howdah, elsewhere))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("others");
    }
  }
}
