package io.howdah.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.testing.HowdahTest;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions of rate limits, as SQL calls them. */
class RateLimitSqlTest extends HowdahTest {
  private static final String ROW =
      "concat_ws(' ', d.allowed, d.max_calls, d.remaining, d.retry_after > interval '0', d.reset_after > interval '0')";

  @ParameterizedTest
  @ValueSource(strings = {"fixed", "sliding", "gcra"})
  void decisionHasTheColumnsThatThePlanNames(String algorithm) {
    String call =
        "SELECT "
            + ROW
            + " FROM $.rate_limit_"
            + algorithm
            + "('plan-"
            + algorithm
            + "', 3, interval '36500 days'"
            + (algorithm.equals("gcra") ? ", 3, 2" : ", 2")
            + ") AS d";
    assertThat(sql(call)).containsExactly("t 3 1 f t");
    assertThat(sql(call)).containsExactly("f 3 1 t t");
    assertThat(sql("SELECT " + ROW + " FROM $.rate_limit_peek('plan-" + algorithm + "') AS d"))
        .containsExactly("t 3 1 f t");
    assertThat(sql("SELECT $.rate_limit_refund('plan-" + algorithm + "', 1)")).containsExactly("t");
    assertThat(sql(call)).containsExactly("t 3 0 f t");
    assertThat(sql("SELECT " + ROW + " FROM $.rate_limit_peek('plan-" + algorithm + "') AS d"))
        .containsExactly("f 3 0 t t");
    assertThat(sql("SELECT $.rate_limit_reset('plan-" + algorithm + "')")).containsExactly("t");
    assertThat(sql("SELECT $.rate_limit_reset('plan-" + algorithm + "')")).containsExactly("f");
    assertThat(sql("SELECT $.rate_limit_refund('plan-" + algorithm + "', 1)")).containsExactly("f");
    assertThat(sql("SELECT d.allowed FROM $.rate_limit_peek('plan-" + algorithm + "') AS d"))
        .isEmpty();
  }

  @Test
  void severalLimitsAreAllOrNone() {
    String call =
        "SELECT "
            + ROW
            + " FROM $.rate_limit_many(ARRAY['m1', 'm2'], ARRAY[2, 3], ARRAY[interval '36000 days', interval '36500 days']) AS d";
    assertThat(sql(call)).containsExactly("t 2 1 f t");
    assertThat(sql(call)).containsExactly("t 2 0 f t");
    assertThat(sql(call)).containsExactly("f 2 0 t t");
    // What the first denied was not counted by the second.
    assertThat(sql("SELECT d.remaining FROM $.rate_limit_peek('m2') AS d")).containsExactly("1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rate_limit_fixed('', 1, '1 minute')|key",
        "rate_limit_fixed(NULL, 1, '1 minute')|key",
        "rate_limit_fixed(repeat('k', 1025), 1, '1 minute')|key",
        "rate_limit_fixed('bad', 0, '1 minute')|max_calls",
        "rate_limit_fixed('bad', NULL, '1 minute')|max_calls",
        "rate_limit_fixed('bad', 1, '0')|period",
        "rate_limit_sliding('bad', 1, '-1 minute')|period",
        "rate_limit_sliding('bad', 1, '1 month')|period",
        "rate_limit_sliding('bad', 1, NULL)|period",
        "rate_limit_gcra('bad', 1, '36501 days', 1)|period",
        "rate_limit_gcra('bad', 10, '1 minute', 0)|burst",
        "rate_limit_gcra('bad', 10, '1 minute', 5, 6)|cost",
        "rate_limit_gcra('bad', 10, '1 minute', 5, 0)|cost",
        "rate_limit_gcra('bad', 10, '1 minute', 5, -1)|cost",
        "rate_limit_gcra('bad', 10, '1 minute', 5, NULL)|cost",
        "rate_limit_gcra('bad', 1, '1 day', 100000000)|burst",
        "rate_limit_sliding('bad', 9223372036854775807, '1 day')|max_calls",
        "rate_limit_many('{}', '{}', '{}')|keys",
        "rate_limit_many(ARRAY['bad', 'bad'], '{1,1}', ARRAY[interval '1 s', interval '1 h'])|keys",
        "rate_limit_many(ARRAY['bad', 'b2'], '{1}', ARRAY[interval '1 s', interval '1 h'])|keys",
        "rate_limit_many(ARRAY['bad', NULL], '{1,1}', ARRAY[interval '1 s', interval '1 h'])|key",
        "rate_limit_many(ARRAY['bad', 'b2'], '{1,1}', ARRAY[interval '1 s', interval '1 h'], 2)|cost",
        "rate_limit_refund('bad', 0)|cost",
      })
  void badArgumentsAreRefusedAndNothingIsCounted(String call, String argument) {
    assertThatThrownBy(() -> sql("SELECT * FROM $." + call))
        .hasRootCauseInstanceOf(SQLException.class)
        .hasMessageContaining(argument);
    assertThat(sql("SELECT key FROM $.rate_limit WHERE key IN ('bad', 'b2', '')")).isEmpty();
  }

  /**
   * For random states: as many calls fit as the definition of the algorithm says, and the time to
   * retry is the first at which one does.
   */
  @Test
  void arithmeticKeepsToTheDefinitions() throws SQLException {
    Random random = new Random(20_261_125);
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement(
                ("WITH a AS (SELECT ?::\"char\" AS algorithm, ?::bigint AS m, ?::bigint AS p, ?::bigint AS b, ?::bigint AS now, ?::bigint AS began,"
                        + " ?::bigint AS used, ?::bigint AS before, ?::bigint AS cost),"
                        + " f AS (SELECT a.*, $._rate_limit_used(algorithm, m, p, now, algorithm, p, began, used) AS u,"
                        + "   $._rate_limit_before(algorithm, p, now, algorithm, p, began, used, before) AS ub FROM a),"
                        + " r AS (SELECT f.*, $._rate_limit_fits(algorithm, m, p, b, now, u, ub, cost) AS fits,"
                        + "   now + $._rate_limit_retry(algorithm, m, p, b, now, u, ub, cost) AS again FROM f)"
                        + " SELECT fits, again,"
                        + "   $._rate_limit_fits(algorithm, m, p, b, again, $._rate_limit_used(algorithm, m, p, again, algorithm, p, began, used),"
                        + "     $._rate_limit_before(algorithm, p, again, algorithm, p, began, used, before), cost),"
                        + "   $._rate_limit_fits(algorithm, m, p, b, again - 1, $._rate_limit_used(algorithm, m, p, again - 1, algorithm, p, began, used),"
                        + "     $._rate_limit_before(algorithm, p, again - 1, algorithm, p, began, used, before), cost)"
                        + " FROM r")
                    .replace("$.", schema + "."))) {
      for (int i = 0; i < 3_000; i++) {
        char algorithm = "fsg".charAt(random.nextInt(3));
        long period = 1L + random.nextInt(random.nextBoolean() ? 20 : 100_000_000);
        long calls = 1L + random.nextInt(random.nextBoolean() ? 5 : 10_000);
        long burst = algorithm == 'g' ? 1L + random.nextInt(20_000) : calls;
        long now = 1_700_000_000_000_000L + random.nextInt(1_000_000_000);
        long cost = 1L + random.nextInt((int) Math.min(burst, 50));
        long window = now - now % period;
        long began =
            algorithm == 'g'
                ? now - random.nextInt((int) Math.min(period * 2, 1_000_000_000))
                : window - period * random.nextInt(3);
        long used =
            algorithm == 'g'
                ? (long) (random.nextDouble() * burst * period)
                : random.nextInt((int) calls + 1);
        long before = algorithm == 's' ? random.nextInt((int) calls + 1) : 0;
        Object[] args = {
          String.valueOf(algorithm), calls, period, burst, now, began, used, before, cost
        };
        for (int k = 0; k < args.length; k++) {
          statement.setObject(k + 1, args[k]);
        }
        try (ResultSet row = statement.executeQuery()) {
          assertThat(row.next()).isTrue();
          long fits = row.getLong(1);
          assertThat(fits)
              .as("%s", java.util.Arrays.toString(args))
              .isEqualTo(model(algorithm, calls, period, burst, now, began, used, before, cost));
          if (fits == 0) {
            assertThat(row.getLong(3)).as("%s", java.util.Arrays.toString(args)).isPositive();
            if (row.getLong(2) - 1 > now) {
              assertThat(row.getLong(4)).as("%s", java.util.Arrays.toString(args)).isZero();
            }
          }
        }
      }
    }
  }

  /** The largest n for which n more calls are within the limit, by its definition. */
  private static long model(
      char algorithm,
      long calls,
      long period,
      long burst,
      long now,
      long began,
      long used,
      long before,
      long cost) {
    BigInteger p = BigInteger.valueOf(period);
    for (long n = burst / cost; n > 0; n--) {
      BigInteger more = BigInteger.valueOf(n * cost);
      long window = now - now % period;
      boolean within;
      if (algorithm == 'f') {
        within = more.longValue() + (began == window ? used : 0) <= calls;
      } else if (algorithm == 's') {
        long here = began == window ? used : 0;
        long there = began == window ? before : began == window - period ? used : 0;
        // here + more + there * (share of the window before that is in sight) <= calls
        within =
            BigInteger.valueOf(here)
                    .add(more)
                    .multiply(p)
                    .add(
                        BigInteger.valueOf(there)
                            .multiply(BigInteger.valueOf(window + period - now)))
                    .compareTo(BigInteger.valueOf(calls).multiply(p))
                <= 0;
      } else {
        BigInteger left =
            BigInteger.valueOf(used)
                .subtract(BigInteger.valueOf(now - began).multiply(BigInteger.valueOf(calls)))
                .max(BigInteger.ZERO);
        within = left.add(more.multiply(p)).compareTo(BigInteger.valueOf(burst).multiply(p)) <= 0;
      }
      if (within) {
        return n;
      }
    }
    return 0;
  }
}
