package io.howdah.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.EngineMetrics;
import io.howdah.ratelimit.Decision.Source;
import io.howdah.ratelimit.RateLimit.Algorithm;
import io.howdah.ratelimit.RateLimiter.Fallback;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RateLimiterTest extends HowdahTest {
  /** So long that no window ends, and nothing flows off, while a test runs. */
  private static final Duration AGES = Duration.ofDays(36_500);

  private final AtomicInteger statements = new AtomicInteger();
  private final AtomicLong calls = new AtomicLong();

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.metrics(
        new EngineMetrics() {
          @Override
          public void statement(String operation, int served, long queuedNanos, long ranNanos) {
            if (operation.startsWith("rate_limit")) {
              statements.incrementAndGet();
              calls.addAndGet(served);
            }
          }
        });
  }

  private static RateLimit limit(Algorithm algorithm, long maxCalls) {
    RateLimit limit = RateLimit.of(maxCalls, AGES);
    return switch (algorithm) {
      case TOKEN_BUCKET -> limit;
      case SLIDING_WINDOW -> limit.slidingWindow();
      case FIXED_WINDOW -> limit.fixedWindow();
    };
  }

  /** As if so much time had passed since the key was last counted. */
  private void pass(String key, Duration time) {
    assertThat(
            sql(
                "UPDATE $.rate_limit SET began = began - ?, expires_at = expires_at - ? * interval '1 microsecond'"
                    + " WHERE key = ? RETURNING key",
                time.toNanos() / 1_000,
                time.toNanos() / 1_000,
                key))
        .isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void manyThreadsOfTwoProcessesAreAdmittedExactly(Algorithm algorithm) {
    long most = 1_000;
    try (Howdah other = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      List<RateLimiter> limiters =
          List.of(
              howdah.rateLimiter("exact", limit(algorithm, most)).answeringFromMemory(false),
              other.rateLimiter("exact", limit(algorithm, most)).answeringFromMemory(false));
      int admitted =
          Threads.run(
                  64,
                  thread -> {
                    int allowed = 0;
                    for (int i = 0; i < 40; i++) {
                      Decision decision = limiters.get(thread % 2).acquire(algorithm.name());
                      allowed += decision.allowed() ? 1 : 0;
                      assertThat(decision.remaining()).isBetween(0L, most - 1);
                      assertThat(decision.retryAfter().isZero()).isEqualTo(decision.allowed());
                    }
                    return allowed;
                  })
              .stream()
              .mapToInt(Integer::intValue)
              .sum();
      assertThat(admitted).isEqualTo(most);
    }
  }

  @Test
  void costsOfAllSizesTogetherNeverExceedTheLimit() {
    RateLimiter limiter =
        howdah.rateLimiter("costs", RateLimit.of(500, AGES)).answeringFromMemory(false);
    long used =
        Threads.run(
                32,
                thread -> {
                  long mine = 0;
                  for (int i = 0; i < 40; i++) {
                    long cost = 1L + (thread + i) % 7;
                    mine += limiter.acquire("k", cost).allowed() ? cost : 0;
                  }
                  return mine;
                })
            .stream()
            .mapToLong(Long::longValue)
            .sum();
    // What is left is less than the smallest call that was denied asked for.
    assertThat(used).isEqualTo(500 - limiter.peek("k").orElseThrow().remaining());
    assertThat(limiter.acquire("k", 1).allowed()).isEqualTo(used < 500);
  }

  @Test
  void waitingCallsOnOneKeyShareStatementsAndEachKnowsItsPlace() {
    RateLimiter limiter =
        howdah.rateLimiter("shared", RateLimit.of(150, AGES)).answeringFromMemory(false);
    int before = statements.get();
    List<CompletionStage<Decision>> stages = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      stages.add(limiter.acquireAsync("k", 1));
    }
    for (int i = 0; i < 200; i++) {
      Decision decision = stages.get(i).toCompletableFuture().join();
      assertThat(decision.allowed()).as("call %s", i).isEqualTo(i < 150);
      assertThat(decision.remaining()).isEqualTo(Math.max(0, 149 - i));
    }
    assertThat(statements.get() - before).isLessThan(100);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatIsDeniedIsNotCounted(Algorithm algorithm) {
    RateLimiter limiter =
        howdah.rateLimiter("denied", limit(algorithm, 2)).answeringFromMemory(false);
    String key = algorithm.name();
    for (int i = 0; i < 20; i++) {
      assertThat(limiter.acquire(key).allowed()).isEqualTo(i < 2);
    }
    pass("denied:" + key, AGES.multipliedBy(2));
    assertThat(limiter.peek(key)).isEmpty();
    for (int i = 0; i < 20; i++) {
      assertThat(limiter.acquire(key).allowed()).isEqualTo(i < 2);
    }
  }

  @Test
  void tokenBucketRefillsEvenly() {
    RateLimiter limiter =
        howdah
            .rateLimiter("bucket", RateLimit.of(10, Duration.ofDays(10)).burst(4))
            .answeringFromMemory(false);
    for (int i = 0; i < 4; i++) {
      assertThat(limiter.acquire("k").allowed()).isTrue();
    }
    Decision denied = limiter.acquire("k");
    assertThat(denied.allowed()).isFalse();
    assertThat(denied.retryAfter())
        .isBetween(Duration.ofDays(1).minusMinutes(5), Duration.ofDays(1));
    assertThat(denied.resetAfter())
        .isBetween(Duration.ofDays(4).minusMinutes(5), Duration.ofDays(4));
    pass("bucket:k", Duration.ofDays(2));
    assertThat(limiter.acquire("k", 2).allowed()).isTrue();
    assertThat(limiter.acquire("k").allowed()).isFalse();
    pass("bucket:k", Duration.ofDays(100));
    assertThat(limiter.acquire("k", 4).allowed()).isTrue();
    assertThat(limiter.acquire("k").allowed()).isFalse();
  }

  @Test
  void slidingWindowAdmitsNoTwoLimitsAroundABorder() {
    // The present window of 36,500 days began in 1970 and ends in 2069: some 57 % of it is over.
    RateLimiter sliding =
        howdah
            .rateLimiter("border", RateLimit.of(100, AGES).slidingWindow())
            .answeringFromMemory(false);
    assertThat(sliding.acquire("k", 100).allowed()).isTrue();
    pass("border:k", AGES);
    Decision next = sliding.acquire("k");
    assertThat(next.allowed()).isTrue();
    assertThat(next.remaining()).isBetween(50L, 70L);
    pass("border:k", AGES);
    RateLimiter fixed =
        howdah
            .rateLimiter("border", RateLimit.of(100, AGES).fixedWindow())
            .answeringFromMemory(false);
    assertThat(fixed.acquire("f", 100).allowed()).isTrue();
    pass("border:f", AGES);
    assertThat(fixed.acquire("f", 100).allowed()).isTrue();
  }

  @Test
  void clockThatGoesBackAdmitsNobody() {
    for (Algorithm algorithm : Algorithm.values()) {
      RateLimiter limiter =
          howdah.rateLimiter("back", limit(algorithm, 3)).answeringFromMemory(false);
      String key = algorithm.name();
      assertThat(limiter.acquire(key, 3).allowed()).isTrue();
      pass("back:" + key, AGES.negated());
      for (int i = 0; i < 5; i++) {
        assertThat(limiter.acquire(key).allowed()).as("%s", algorithm).isFalse();
      }
    }
  }

  @Test
  void severalLimitsAreAllOrNoneUnderConcurrency() {
    RateLimiter limiter =
        howdah
            .rateLimiter(
                "both", RateLimit.of(300, Duration.ofDays(36_000)), RateLimit.of(500, AGES))
            .answeringFromMemory(false);
    int admitted =
        Threads.run(
                32,
                thread -> {
                  int allowed = 0;
                  for (int i = 0; i < 20; i++) {
                    allowed += limiter.acquire("k").allowed() ? 1 : 0;
                  }
                  return allowed;
                })
            .stream()
            .mapToInt(Integer::intValue)
            .sum();
    assertThat(admitted).isEqualTo(300);
    assertThat(sql("SELECT d.remaining FROM $.rate_limit_peek('both:k:PT876000H') AS d"))
        .containsExactly("200");
    Decision denied = limiter.acquire("k");
    assertThat(denied.maxCalls()).isEqualTo(300);
    assertThat(limiter.refund("k", 1)).isTrue();
    assertThat(limiter.acquire("k").allowed()).isTrue();
    assertThat(limiter.reset("k")).isTrue();
    assertThat(limiter.peek("k")).isEmpty();
  }

  @Test
  void overlappingKeysInAnyOrderDoNotDeadlock() {
    // The limits of each thread meet the rows of the others in another order.
    Map<String, Integer> seen = new ConcurrentHashMap<>();
    Threads.run(
        24,
        thread -> {
          String many =
              "SELECT d.allowed FROM $.rate_limit_many(ARRAY(SELECT 'o' || i FROM generate_series(1, 6) AS i ORDER BY "
                  + (thread % 2 == 0 ? "i" : "i DESC")
                  + "), array_fill(1000000, ARRAY[6]), array_fill(interval '1 day', ARRAY[6])) AS d";
          RateLimiter limiter =
              howdah.rateLimiter("o", RateLimit.of(1_000, AGES)).answeringFromMemory(false);
          try (Connection connection = connect()) {
            for (int i = 0; i < 30; i++) {
              seen.merge(sql(connection, many).get(0), 1, Integer::sum);
              assertThat(limiter.acquire("k" + i % 5)).isNotNull();
            }
          }
          return true;
        });
    assertThat(seen).containsExactly(Map.entry("t", 24 * 30));
  }

  @Test
  void denialsAreAnsweredFromMemory() {
    RateLimiter limiter = howdah.rateLimiter("memory", RateLimit.of(5, AGES));
    assertThat(limiter.acquire("k", 4).source()).isEqualTo(Source.DATABASE);
    assertThat(limiter.acquire("k", 3).source()).isEqualTo(Source.DATABASE);
    int before = statements.get();
    Decision denied = limiter.acquire("k", 3);
    assertThat(denied.allowed()).isFalse();
    assertThat(denied.source()).isEqualTo(Source.MEMORY);
    assertThat(denied.retryAfter()).isPositive();
    assertThat(limiter.acquire("k", 5).source()).isEqualTo(Source.MEMORY);
    assertThat(limiter.acquireAsync("k", 5).toCompletableFuture().join().source())
        .isEqualTo(Source.MEMORY);
    assertThat(statements.get()).isEqualTo(before);
    // A cheaper call may still fit, another limit knows nothing, and a refund is known at once.
    assertThat(limiter.acquire("k", 1).allowed()).isTrue();
    assertThat(limiter.acquire("k", 3).source()).isEqualTo(Source.MEMORY);
    assertThat(howdah.rateLimiter("memory", RateLimit.of(9, AGES)).acquire("k", 4).source())
        .isEqualTo(Source.DATABASE);
    assertThat(limiter.acquire("r", 5).allowed()).isTrue();
    assertThat(limiter.acquire("r").allowed()).isFalse();
    assertThat(limiter.refund("r", 2)).isTrue();
    assertThat(limiter.acquire("r").allowed()).isTrue();
  }

  @Test
  void memoryEndsWithTheTimeToRetry() {
    RateLimiter limiter = howdah.rateLimiter("short", RateLimit.of(1, Duration.ofMillis(40)));
    assertThat(limiter.acquire("k").allowed()).isTrue();
    int admitted = 0;
    int asked = statements.get();
    // Real time: what is remembered is measured by this process.
    for (long end = System.nanoTime() + 30_000_000_000L;
        System.nanoTime() < end && admitted < 3; ) {
      admitted += limiter.acquire("k").allowed() ? 1 : 0;
    }
    assertThat(admitted).isEqualTo(3);
    assertThat(statements.get() - asked).isLessThan(20);
  }

  @Test
  void shadowCountsAndDeniesNobody() {
    List<Decision> heard = new ArrayList<>();
    RateLimiter limiter =
        howdah
            .rateLimiter("shadow", RateLimit.of(2, AGES))
            .shadow()
            .listener((key, decision) -> heard.add(decision));
    for (int i = 0; i < 5; i++) {
      Decision decision = limiter.acquire("k");
      assertThat(decision.allowed()).isTrue();
      assertThat(decision.source()).isEqualTo(i < 2 ? Source.DATABASE : Source.SHADOW);
    }
    assertThat(heard).hasSize(5);
    assertThat(howdah.rateLimiter("shadow", RateLimit.of(2, AGES)).acquire("k").allowed())
        .isFalse();
  }

  @Test
  void rollbackOfTheCallerGivesNothingBack() {
    RateLimiter limiter = howdah.rateLimiter("tx", RateLimit.of(1, AGES));
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              assertThat(limiter.acquire("k").allowed()).isTrue();
              throw new IllegalStateException("undo");
            }))
        .hasMessage("undo");
    assertThat(limiter.acquire("k").allowed()).isFalse();
  }

  @Test
  void slowDatabaseIsAnsweredByTheFallback() throws Exception {
    RateLimiter limiter =
        howdah.rateLimiter("slow", RateLimit.of(5, AGES)).answeringFromMemory(false);
    assertThat(limiter.acquire("k").allowed()).isTrue();
    try (Connection holder = connect()) {
      holder.setAutoCommit(false);
      assertThat(sql(holder, "SELECT $.rate_limit_refund('slow:k', 1)")).containsExactly("t");
      Duration patience = Duration.ofMillis(30);
      Decision open = limiter.whenUnavailable(Fallback.OPEN, patience).acquire("k");
      assertThat(open.allowed()).isTrue();
      assertThat(open.source()).isEqualTo(Source.UNAVAILABLE);
      Decision closed =
          limiter
              .whenUnavailable(Fallback.CLOSED, patience)
              .acquireAsync("k", 1)
              .toCompletableFuture()
              .join();
      assertThat(closed.allowed()).isFalse();
      assertThat(closed.source()).isEqualTo(Source.UNAVAILABLE);
      assertThat(closed.retryAfter()).isPositive();
      holder.commit();
    }
    assertThat(limiter.whenUnavailable(Fallback.CLOSED, Duration.ofSeconds(10)).acquire("k"))
        .extracting(Decision::source)
        .isEqualTo(Source.DATABASE);
  }

  @Test
  void busyExecutorIsNoReasonForTheFallback() {
    try (Howdah busy =
        TestPostgres.builder().schema(schema).sweeper(false).executor(task -> {}).open()) {
      RateLimiter limiter =
          busy.rateLimiter("busy", RateLimit.of(1, AGES))
              .whenUnavailable(Fallback.OPEN, Duration.ofSeconds(10));
      assertThat(limiter.acquire("k").source()).isEqualTo(Source.DATABASE);
      assertThat(limiter.acquire("k").allowed()).isFalse();
    }
  }

  @Test
  void databaseThatIsAwayIsAnsweredByTheFallback() {
    try (Howdah nobody =
        Howdah.builder("jdbc:postgresql://127.0.0.1:1/none?user=x&connectTimeout=1")
            .schemaMode(SchemaMode.NONE)
            .sweeper(false)
            .open()) {
      RateLimiter limiter = nobody.rateLimiter("away", RateLimit.perMinute(5));
      assertThatThrownBy(() -> limiter.acquire("k"))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
      Duration patience = Duration.ofSeconds(5);
      assertThat(limiter.whenUnavailable(Fallback.OPEN, patience).acquire("k").allowed()).isTrue();
      assertThat(limiter.whenUnavailable(Fallback.CLOSED, patience).acquire("k").allowed())
          .isFalse();
      assertThat(limiter.shadow().whenUnavailable(Fallback.CLOSED, patience).acquire("k").source())
          .isEqualTo(Source.SHADOW);
    }
  }

  @Test
  void badArgumentsAreRefusedBeforeTheyAreSent() {
    RateLimiter limiter = howdah.rateLimiter("bad", RateLimit.perMinute(5).burst(3));
    int before = statements.get();
    assertRefused(() -> limiter.acquire("k", 0), "cost");
    assertRefused(() -> limiter.acquire("k", -1), "cost");
    assertRefused(() -> limiter.acquire("k", 4), "cost");
    assertRefused(() -> limiter.acquireAsync("k", 4), "cost");
    assertRefused(() -> limiter.acquire("a\u0000"), "key");
    assertRefused(() -> limiter.acquire("k".repeat(1_024)), "key");
    assertRefused(() -> howdah.rateLimiter("", RateLimit.perMinute(5)), "name");
    assertRefused(() -> howdah.rateLimiter("n".repeat(513), RateLimit.perMinute(5)), "name");
    assertRefused(
        () -> howdah.rateLimiter("n", RateLimit.perMinute(5), RateLimit.perMinute(6)), "limits");
    assertRefused(() -> RateLimit.perMinute(0), "maxCalls");
    assertRefused(() -> RateLimit.of(1, Duration.ZERO), "period");
    assertRefused(() -> RateLimit.of(1, Duration.ofDays(36_501)), "period");
    assertRefused(() -> RateLimit.perMinute(1).burst(0), "burst");
    assertRefused(() -> RateLimit.perDay(1).burst(100_000_000), "burst");
    assertRefused(() -> RateLimit.perDay(Long.MAX_VALUE), "maxCalls");
    assertRefused(() -> limiter.whenUnavailable(Fallback.OPEN, Duration.ZERO), "patience");
    assertThat(statements.get()).isEqualTo(before);
    assertThat(sql("SELECT key FROM $.rate_limit WHERE key LIKE 'bad%'")).isEmpty();
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String argument) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo(argument));
  }

  @Test
  void rowsThatSayNothingAreSwept() {
    RateLimiter limiter = howdah.rateLimiter("swept", RateLimit.perMinute(5));
    for (int i = 0; i < 100; i++) {
      assertThat(limiter.acquire("k" + i).allowed()).isTrue();
    }
    pass("swept:k7", Duration.ofHours(1));
    do {
      assertThat(howdah.sweep()).isNotNull();
    } while (!sql("SELECT key FROM $.rate_limit WHERE key = 'swept:k7'").isEmpty());
    assertThat(sql("SELECT count(*) FROM $.rate_limit WHERE key LIKE 'swept:%'"))
        .containsExactly("99");
  }

  @Test
  void anotherRuleForAKeyStartsAnew() {
    RateLimit limit = RateLimit.of(2, AGES);
    assertThat(howdah.rateLimiter("rule", limit).acquire("k", 2).allowed()).isTrue();
    assertThat(howdah.rateLimiter("rule", limit).acquire("k").allowed()).isFalse();
    // More calls by the same rule: those that were counted still are.
    assertThat(howdah.rateLimiter("rule", RateLimit.of(5, AGES)).acquire("k").remaining())
        .isEqualTo(2);
    assertThat(howdah.rateLimiter("rule", limit.fixedWindow()).acquire("k").allowed()).isTrue();
  }

  @Test
  void severalLimitersAllowAllOrNone() {
    RateLimiter perUser = howdah.rateLimiter("joint-user", RateLimit.of(10, AGES));
    RateLimiter perAddress =
        howdah.rateLimiter(
            "joint-address", RateLimit.of(3, AGES), RateLimit.of(50, Duration.ofDays(1)));
    List<RateLimiter.Request> requests =
        List.of(
            new RateLimiter.Request(perUser, "ann"),
            new RateLimiter.Request(perAddress, "192.0.2.7"));
    for (int left = 2; left >= 0; left--) {
      RateLimiter.Tightest tightest = RateLimiter.acquireAll(requests, 1);
      assertThat(tightest.decision().allowed()).isTrue();
      assertThat(tightest.decision().remaining()).isEqualTo(left);
      assertThat(tightest.request()).isEqualTo(1);
      assertThat(tightest.limit()).isEqualTo(RateLimit.of(3, AGES));
    }
    for (int i = 0; i < 2; i++) {
      RateLimiter.Tightest denied = RateLimiter.acquireAll(requests, 1);
      assertThat(denied.decision().allowed()).isFalse();
      assertThat(denied.decision().source()).isEqualTo(i == 0 ? Source.DATABASE : Source.MEMORY);
      assertThat(denied.request()).isEqualTo(1);
    }
    // What the second one denied was not counted by the first one.
    assertThat(perUser.peek("ann").orElseThrow().remaining()).isEqualTo(7);
  }

  @Test
  void severalLimitersAreAsExactAsOne() {
    RateLimiter wide = howdah.rateLimiter("joint-wide", RateLimit.of(1_000, AGES));
    RateLimiter narrow = howdah.rateLimiter("joint-narrow", RateLimit.of(40, AGES));
    List<Integer> allowed =
        Threads.run(
            16,
            thread -> {
              int count = 0;
              for (int i = 0; i < 10; i++) {
                List<RateLimiter.Request> requests =
                    List.of(
                        new RateLimiter.Request(wide, "k"), new RateLimiter.Request(narrow, "k"));
                if (RateLimiter.acquireAll(requests, 1).decision().allowed()) {
                  count++;
                }
              }
              return count;
            });
    assertThat(allowed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(40);
    assertThat(wide.peek("k").orElseThrow().remaining()).isEqualTo(960);
  }

  @Test
  void severalLimitersNeedDifferentKeys() {
    RateLimiter limiter = howdah.rateLimiter("joint-same", RateLimit.of(10, AGES));
    RateLimiter.Request request = new RateLimiter.Request(limiter, "k");
    assertThatThrownBy(() -> RateLimiter.acquireAll(List.of(request, request), 1))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessage("requests: different names or keys expected, got one twice");
    assertThatThrownBy(() -> RateLimiter.acquireAll(List.of(), 1))
        .isInstanceOf(InvalidArgumentException.class);
    assertThat(limiter.peek("k")).isEmpty();
  }
}
