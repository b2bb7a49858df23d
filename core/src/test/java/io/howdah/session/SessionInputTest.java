package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.session.SessionSettings.OnFull;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input is a typed error that names the argument, and changes nothing. */
class SessionInputTest extends SessionTest {
  private String token;
  private List<String> before;

  @BeforeEach
  void create() {
    token = sessions.create(SessionRequest.of("ann").with("a", 1)).token();
    before = state();
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(state()).isEqualTo(before);
  }

  private List<String> state() {
    return sql(
        "SELECT s::text FROM $.session_durable AS s UNION ALL SELECT c::text FROM $.session_settings AS c");
  }

  private static void assertInvalid(String argument, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> {
              assertThat(e.argument()).isEqualTo(argument);
              assertThat(e).hasMessageStartingWith(argument + ":");
              assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
            });
  }

  @Test
  void malformedTokensAreRefused() {
    String good = io.howdah.Secret.make();
    for (String bad :
        Arrays.asList(
            null,
            "",
            "x",
            good + "A",
            good.substring(1),
            good.substring(0, 42) + "=",
            good.substring(0, 42) + "B",
            " " + good.substring(1),
            good.substring(0, 42) + "\n",
            "\u0000" + good.substring(1),
            "\u00e4" + good.substring(1),
            good.substring(0, 20) + "+" + good.substring(21),
            "'; DROP TABLE session_durable; --")) {
      assertInvalid("token", () -> sessions.get(bad));
      assertInvalid("token", () -> sessions.touch(bad));
      assertInvalid("token", () -> sessions.set(bad, "a", 2));
      assertInvalid("token", () -> sessions.setJson(bad, "{}"));
      assertInvalid("token", () -> sessions.rotate(bad));
      assertInvalid("token", () -> sessions.rotate(bad, "ann"));
      assertInvalid("token", () -> sessions.revoke(bad));
      assertInvalid("token", () -> sessions.async().touch(bad));
      if (bad != null) {
        assertInvalid("exceptToken", () -> sessions.revokeOthers("ann", bad));
        assertThat(Sessions.isWellFormed(bad)).isFalse();
        if (!bad.contains("\u0000")) {
          assertState("22023", "SELECT * FROM $.session_get(?)", bad);
          assertState("22023", "SELECT * FROM $.session_touch(?)", bad);
          assertState("22023", "SELECT $.session_revoke_user('ann', ?)", bad);
        }
      }
    }
  }

  @Test
  void userIdsHaveOneTo1024Bytes() {
    for (String bad :
        Arrays.asList(null, "", "u".repeat(1025), "\u00e9".repeat(513), "u\u0000", "\uD83D")) {
      assertInvalid("userId", () -> sessions.create(bad));
      assertInvalid("userId", () -> sessions.rotate(token, bad));
      assertInvalid("userId", () -> sessions.revokeUser(bad));
      assertInvalid("userId", () -> sessions.revokeOthers(bad, token));
      assertInvalid("userId", () -> sessions.revokeHandle(bad, new java.util.UUID(1, 1)));
      assertInvalid("userId", () -> sessions.list(bad));
      assertInvalid("userId", () -> sessions.count(bad));
    }
  }

  @Test
  void timesAreMoreThanNothingAndAtMostACentury() {
    for (Duration bad :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(999),
            Duration.ofSeconds(-1),
            Duration.ofDays(36_501),
            Duration.ofSeconds(Long.MAX_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE))) {
      assertInvalid("idle", () -> SessionRequest.of("ann").withIdle(bad));
      assertInvalid("lifetime", () -> SessionRequest.of("ann").withLifetime(bad));
      assertInvalid("idle", () -> defaults().withIdle(bad));
      assertInvalid("lifetime", () -> defaults().withLifetime(bad));
      assertInvalid("keepEvents", () -> defaults().keepingEvents(bad));
      if (!bad.isZero()) {
        assertInvalid("touchInterval", () -> defaults().withTouchInterval(bad));
      }
    }
    assertInvalid("maxPerUser", () -> defaults().withMaxPerUser(0, OnFull.EVICT));
  }

  @Test
  void addressesAreAddresses() {
    for (String bad :
        List.of(
            "",
            "localhost",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.1/24",
            "192.0.2.1:80",
            "01.2.3.4",
            ":",
            ":::",
            "1::2::3",
            "2001:db8::1::",
            "12345::",
            "::1/64",
            "[::1]",
            "a.b:c",
            "192.0.2.1\u0000")) {
      assertInvalid("ip", () -> SessionRequest.of("ann").withIp(bad));
    }
  }

  @Test
  void userAgentsHaveAtMost1024Bytes() {
    for (String bad : List.of("x".repeat(1025), "a\u0000b", "\uDE00")) {
      assertInvalid("userAgent", () -> SessionRequest.of("ann").withUserAgent(bad));
    }
  }

  @Test
  @SuppressWarnings("NullAway") // what a program does that is compiled without it
  void attributesOfANewSessionAreNotNull() {
    assertInvalid("attributes", () -> SessionRequest.of("ann").with("a", null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "nope",
        "[]",
        "1",
        "null",
        "\"{}\"",
        "{\"a\":}",
        "{} {}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":NaN}",
        "{\"a\":1e131072}"
      })
  void dataAreAJsonObject(String json) {
    assertInvalid("data", () -> sessions.create(SessionRequest.of("ann").withJson(json)));
    assertInvalid(
        "data", () -> sessions.create(SessionRequest.of("ann").withJson(json).with("b", 1)));
    assertInvalid("patch", () -> sessions.setJson(token, json));
    assertInvalid("contains", () -> sessions.find(json, 10));
  }

  @Test
  void dataHaveAtMostAMebibyte() {
    String large = "x".repeat(1 << 20);
    assertInvalid("attributes", () -> sessions.create(SessionRequest.of("ann").with("b", large)));
    assertInvalid("changes", () -> sessions.set(token, "b", large));
    // Small on the wire, and large as Postgres writes it.
    String numbers = "{\"b\":[" + "1e131071,".repeat(10) + "1]}";
    assertInvalid("data", () -> sessions.create(SessionRequest.of("ann").withJson(numbers)));
    assertInvalid("patch", () -> sessions.setJson(token, numbers));
  }

  /** Each part is within the limit, and what they make together is not. */
  @Test
  void mergedDataHaveAtMostAMebibyte() {
    String half = "x".repeat(600_000);
    assertThat(sessions.set(token, "b", half)).isTrue();
    before = state();
    assertInvalid("data", () -> sessions.set(token, "c", half));
    assertState(
        "22023", "SELECT $.session_set(?, jsonb_build_object('c', repeat('x', 600000)))", token);
  }

  @Test
  void charactersThatPostgresCannotStoreAreRefusedInAttributes() {
    assertInvalid("changes", () -> sessions.set(token, "b", "a\u0000b"));
    assertInvalid("changes", () -> sessions.set(token, "\u0000", 1));
    assertInvalid("attributes", () -> sessions.create(SessionRequest.of("ann").with("\uD83D", 1)));
  }

  record Broken(Object itself) {
    Broken() {
      this(null);
    }

    @Override
    public Object itself() {
      throw new IllegalStateException("no");
    }
  }

  @Test
  void attributeThatCannotBeWrittenIsACodecFault() {
    Object broken = new Broken();
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> sessions.set(token, "b", broken),
            () -> sessions.create(SessionRequest.of("ann").with("b", broken)),
            () -> sessions.async().set(token, Map.of("b", broken)))) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CODEC));
    }
  }

  @Test
  void pagesHaveOneTo10000Rows() {
    assertInvalid("maxRows", () -> sessions.find("{}", 0));
    assertInvalid("maxRows", () -> sessions.find("{}", 10_001));
  }

  private void assertState(String state, String sql, Object... args) {
    assertThatThrownBy(
            () -> {
              try (Connection connection = connect()) {
                assertThat(sql(connection, sql, args)).isNotNull();
              }
            })
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
  }

  /** The same, of the SQL functions: what a psql user gets. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "22023|SELECT $.session_create('')",
        "22023|SELECT $.session_create(repeat('u', 1025))",
        "22023|SELECT $.session_create('ann', NULL)",
        "22023|SELECT $.session_create('ann', '[]')",
        "22023|SELECT $.session_create('ann', 'null')",
        "22P02|SELECT $.session_create('ann', '{')",
        "22P05|SELECT $.session_create('ann', '{\"a\": \"\\u0000\"}')",
        "22023|SELECT $.session_create('ann', jsonb_build_object('a', repeat('x', 1048570)))",
        "22023|SELECT $.session_create('ann', ('{\"b\":[' || repeat('1e131071,', 10) || '1]}')::jsonb)",
        "22023|SELECT $.session_create('ann', idle => '0')",
        "22023|SELECT $.session_create('ann', idle => '-1 s')",
        "22023|SELECT $.session_create('ann', idle => '36501 days')",
        "22023|SELECT $.session_create('ann', lifetime => '0')",
        "22023|SELECT $.session_create('ann', lifetime => '1000 years')",
        "22023|SELECT $.session_create('ann', lifetime => '100 years')",
        "22P02|SELECT $.session_create('ann', ip => 'localhost')",
        "22P02|SELECT $.session_create('ann', ip => '192.0.2.256')",
        "22023|SELECT $.session_create('ann', user_agent => repeat('x', 1025))",
        "22023|SELECT $.session_get(NULL)",
        "22023|SELECT $.session_touch('')",
        "22023|SELECT $.session_set('short', '{}')",
        "22023|SELECT $.session_set($._secret_make(), NULL)",
        "22023|SELECT $.session_set($._secret_make(), '[]')",
        "22023|SELECT $.session_rotate('short')",
        "22023|SELECT $.session_rotate($._secret_make(), '')",
        "22023|SELECT $.session_revoke(NULL)",
        "22023|SELECT $.session_revoke_user(NULL)",
        "22023|SELECT $.session_revoke_user('')",
        "22023|SELECT $.session_revoke_handle('ann', NULL)",
        "22023|SELECT $.session_revoke_handle(NULL, gen_random_uuid())",
        "22023|SELECT $.session_list('')",
        "22023|SELECT $.session_list(NULL)",
        "22023|SELECT $.session_find(NULL)",
        "22023|SELECT $.session_find('[]')",
        "22023|SELECT $.session_find('{}', 0)",
        "22023|SELECT $.session_find('{}', NULL)",
        "22023|SELECT $.session_count('')",
        "22023|SELECT $.session_configure('sturdy')",
        "22023|SELECT $.session_configure(idle => '0')",
        "22023|SELECT $.session_configure(lifetime => '-1 day')",
        "22023|SELECT $.session_configure(lifetime => '100 years')",
        "22023|SELECT $.session_configure(touch_interval => '-1 s')",
        "22023|SELECT $.session_configure(max_per_user => -1)",
        "22023|SELECT $.session_configure(on_full => 'panic')",
        "22023|SELECT $.session_configure(keep_events => '36501 days')"
      })
  void sqlFunctionsRefuseWithADocumentedState(String stateAndSql) {
    int bar = stateAndSql.indexOf('|');
    assertState(stateAndSql.substring(0, bar), stateAndSql.substring(bar + 1));
  }
}
