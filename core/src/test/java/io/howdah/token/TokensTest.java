package io.howdah.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.TypeRef;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One-time tokens: one purpose, one use. */
class TokensTest extends HowdahTest {
  private static final Duration HOUR = Duration.ofHours(1);

  record Invitation(String team, int seats) {}

  private Tokens tokens() {
    return howdah.tokens();
  }

  private void age(int seconds) {
    List<String> none =
        sql(
            "UPDATE $.token SET created_at = created_at - i, expires_at = expires_at - i FROM (SELECT ? * interval '1 s' AS i) AS x",
            seconds);
    assertThat(none).isEmpty();
  }

  @Test
  void tokenIsConsumedOnce() {
    IssuedToken issued = tokens().issue("invitation", "ann\n1", HOUR, new Invitation("red", 3));
    TokenGrant grant = tokens().consume("invitation", issued.token()).orElseThrow();
    assertThat(grant.subject()).isEqualTo("ann\n1");
    assertThat(grant.payload(Invitation.class)).isEqualTo(new Invitation("red", 3));
    assertThat(grant.payload(new TypeRef<Map<String, Object>>() {})).containsEntry("team", "red");
    assertThat(tokens().consume("invitation", issued.token())).isEmpty();
    assertThat(tokens().peek("invitation", issued.token())).isEmpty();
  }

  @Test
  void tokenIsForOnePurpose() {
    String token = tokens().issue("email-proof", "ann", HOUR).token();
    assertThat(tokens().consume("password-reset", token)).isEmpty();
    assertThat(tokens().peek("password-reset", token)).isEmpty();
    assertThat(tokens().consume("email-proof", token).map(TokenGrant::json)).contains("{}");
  }

  @Test
  void peekingLeavesItAsItIs() {
    String token = tokens().issue("p", "ann", HOUR, List.of("a\nb", 1)).token();
    for (int i = 0; i < 3; i++) {
      TokenGrant grant = tokens().peek("p", token).orElseThrow();
      assertThat(grant.subject()).isEqualTo("ann");
      assertThat(grant.payload(new TypeRef<List<Object>>() {})).containsExactly("a\nb", 1);
    }
    assertThat(tokens().consume("p", token)).isPresent();
  }

  @Test
  void tokenEndsWithItsTimeToLive() {
    IssuedToken issued = tokens().issue("p", "ann", HOUR);
    age(3599);
    assertThat(tokens().peek("p", issued.token())).isPresent();
    age(1);
    assertThat(tokens().peek("p", issued.token())).isEmpty();
    assertThat(tokens().consume("p", issued.token())).isEmpty();
    assertThat(tokens().revoke("p", "ann")).isZero();
    assertThat(sql("SELECT count(*) FROM $.token")).containsExactly("1");
    while (!howdah.sweep().isDone()) {
      Thread.onSpinWait();
    }
    assertThat(sql("SELECT count(*) FROM $.token")).containsExactly("0");
  }

  @Test
  void revokedTokensOfASubjectAreGone() {
    String one = tokens().issue("reset", "ann", HOUR).token();
    String two = tokens().issue("reset", "ann", HOUR).token();
    String other = tokens().issue("proof", "ann", HOUR).token();
    String bob = tokens().issue("reset", "bob", HOUR).token();
    assertThat(tokens().revoke("reset", "ann")).isEqualTo(2);
    assertThat(tokens().revoke("reset", "ann")).isZero();
    assertThat(tokens().consume("reset", one)).isEmpty();
    assertThat(tokens().consume("reset", two)).isEmpty();
    assertThat(tokens().consume("proof", other)).isPresent();
    assertThat(tokens().consume("reset", bob)).isPresent();
  }

  @Test
  void ofManyRacersOneConsumesIt() {
    try (Howdah other = TestPostgres.builder().schema(schema).sweeper(false).open()) {
      for (int round = 0; round < 10; round++) {
        String token = tokens().issue("race", "ann", HOUR).token();
        List<Optional<TokenGrant>> grants =
            Threads.run(
                24,
                thread -> {
                  if (thread % 3 == 0) {
                    return sql("SELECT subject FROM $.token_consume('race', ?)", token).stream()
                        .findFirst()
                        .map(subject -> new TokenGrant(subject, "{}", null));
                  }
                  return (thread % 3 == 1 ? tokens() : other.tokens()).consume("race", token);
                });
        assertThat(grants.stream().flatMap(Optional::stream)).hasSize(1);
      }
    }
  }

  /** Who consumes it in a transaction that rolls back has not. */
  @Test
  void rollbackGivesItBackToTheNext() {
    String token = tokens().issue("p", "ann", HOUR).token();
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              assertThat(tx.tokens().consume("p", token)).isPresent();
              assertThat(tx.tokens().consume("p", token)).isEmpty();
              throw new IllegalStateException("never mind");
            }))
        .isInstanceOf(IllegalStateException.class);
    howdah.transaction(tx -> assertThat(tx.tokens().consume("p", token)).isPresent());
    assertThat(tokens().consume("p", token)).isEmpty();
  }

  @Test
  void sqlAndJavaKnowTheSameTokens() {
    String ours = tokens().issue("p", "ann", HOUR, Map.of("n", 1)).token();
    assertThat(sql("SELECT payload FROM $.token_peek('p', ?)", ours)).containsExactly("{\"n\": 1}");
    assertThat(sql("SELECT subject FROM $.token_consume('p', ?)", ours)).containsExactly("ann");
    String theirs = sql("SELECT $.token_issue('p', 'bob', '1 hour', '[1]')").get(0);
    assertThat(tokens().consume("p", theirs).map(TokenGrant::json)).contains("[1]");
    assertThat(sql("SELECT count(*) FROM $.token WHERE token_hash = sha256(?::bytea)", theirs))
        .containsExactly("0");
    assertThat(sql("SELECT $.token_revoke('p', 'ann')")).containsExactly("0");
  }

  @Test
  void issuingWaitsForNoFlushAndConsumingDoes() {
    List<String> none =
        sql(
            "CREATE TABLE $.seen (what text, setting text); CREATE FUNCTION $.see() RETURNS trigger LANGUAGE plpgsql AS $body$"
                + " BEGIN INSERT INTO $.seen VALUES (TG_OP, current_setting('synchronous_commit')); RETURN NULL; END $body$;"
                + " CREATE TRIGGER see AFTER INSERT OR DELETE ON $.token FOR EACH ROW EXECUTE FUNCTION $.see()");
    assertThat(none).isEmpty();
    try {
      String token = tokens().issue("p", "ann", HOUR).token();
      assertThat(tokens().consume("p", token)).isPresent();
      assertThat(sql("SELECT what || ' ' || setting FROM $.seen ORDER BY 1"))
          .containsExactly("DELETE on", "INSERT off");
    } finally {
      none = sql("DROP TRIGGER see ON $.token");
    }
  }

  @Test
  void asynchronousCallsDoTheSame() {
    AsyncTokens async = tokens().async();
    String token = async.issue("p", "ann", HOUR, 1).toCompletableFuture().join().token();
    assertThat(async.peek("p", token).toCompletableFuture().join()).isPresent();
    assertThat(async.consume("p", token).toCompletableFuture().join()).isPresent();
    assertThat(async.consume("p", token).toCompletableFuture().join()).isEmpty();
    String other = async.issue("p", "ann", HOUR).toCompletableFuture().join().token();
    assertThat(async.revoke("p", "ann").toCompletableFuture().join()).isEqualTo(1);
    assertThat(async.consume("p", other).toCompletableFuture().join()).isEmpty();
    howdah.transaction(tx ->
        assertThatThrownBy(() -> tx.tokens().async()).isInstanceOf(InvalidArgumentException.class));
  }

  private static void assertInvalid(String argument, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> {
              assertThat(e.argument()).isEqualTo(argument);
              assertThat(e).hasMessageStartingWith(argument + ":");
            });
  }

  @Test
  void badInputIsRefusedAndChangesNothing() {
    List<String> before = sql("SELECT t::text FROM $.token AS t");
    for (String bad : Arrays.asList(null, "", "p".repeat(65), "p\u0000")) {
      assertInvalid("purpose", () -> tokens().issue(bad, "ann", HOUR));
      assertInvalid("purpose", () -> tokens().peek(bad, io.howdah.Secret.make()));
      assertInvalid("purpose", () -> tokens().consume(bad, io.howdah.Secret.make()));
      assertInvalid("purpose", () -> tokens().revoke(bad, "ann"));
    }
    for (String bad : Arrays.asList(null, "", "s".repeat(1025), "\uD83D")) {
      assertInvalid("subject", () -> tokens().issue("p", bad, HOUR));
      assertInvalid("subject", () -> tokens().revoke("p", bad));
    }
    for (Duration bad :
        Arrays.asList(
            null,
            Duration.ZERO,
            Duration.ofSeconds(-1),
            Duration.ofDays(36_501),
            Duration.ofSeconds(Long.MAX_VALUE))) {
      assertInvalid("ttl", () -> tokens().issue("p", "ann", bad));
    }
    for (String bad : Arrays.asList(null, "", "short", io.howdah.Secret.make() + "x")) {
      assertInvalid("token", () -> tokens().consume("p", bad));
      assertInvalid("token", () -> tokens().peek("p", bad));
    }
    for (String bad : List.of("", "{", "\"\\u0000\"", "1 2", "\"" + "x".repeat(65_536) + "\"")) {
      assertInvalid("payload", () -> tokens().issueJson("p", "ann", HOUR, bad));
    }
    assertInvalid("payload", () -> tokens().issue("p", "ann", HOUR, "a\u0000"));
    assertThat(sql("SELECT t::text FROM $.token AS t")).isEqualTo(before);
  }

  @Test
  void payloadMayBeAPrimitive() {
    String token = tokens().issue("p", "ann", HOUR, 7).token();
    TokenGrant grant = tokens().consume("p", token).orElseThrow();
    assertThat((int) grant.payload(int.class)).isEqualTo(7);
    assertThat(grant.payload(Integer.class)).isEqualTo(7);
  }

  @Test
  void payloadThatCannotBeReadIsACodecFault() {
    String token = tokens().issue("p", "ann", HOUR, "a text").token();
    TokenGrant grant = tokens().consume("p", token).orElseThrow();
    for (ThrowingCallable read :
        List.<ThrowingCallable>of(
            () -> grant.payload(Invitation.class),
            () -> grant.payload(new TypeRef<List<Integer>>() {}))) {
      assertThatThrownBy(read)
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CODEC));
    }
    assertThat(grant.json()).isEqualTo("\"a text\"");
    assertThat(grant.toString()).doesNotContain("a text");
    assertThat(tokens().issue("p", "ann", HOUR).toString()).doesNotContain("token=");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "22023|SELECT $.token_issue('', 'ann', '1 hour')",
        "22023|SELECT $.token_issue(repeat('p', 65), 'ann', '1 hour')",
        "22023|SELECT $.token_issue(NULL, 'ann', '1 hour')",
        "22023|SELECT $.token_issue('p', '', '1 hour')",
        "22023|SELECT $.token_issue('p', NULL, '1 hour')",
        "22023|SELECT $.token_issue('p', 'ann', NULL)",
        "22023|SELECT $.token_issue('p', 'ann', '0')",
        "22023|SELECT $.token_issue('p', 'ann', '-1 s')",
        "22023|SELECT $.token_issue('p', 'ann', '36501 days')",
        "22023|SELECT $.token_issue('p', 'ann', '1 hour', NULL)",
        "22023|SELECT $.token_issue('p', 'ann', '1 hour', to_jsonb(repeat('x', 65536)))",
        "22P02|SELECT $.token_issue('p', 'ann', '1 hour', '{')",
        "22023|SELECT $.token_consume('p', 'short')",
        "22023|SELECT $.token_consume('p', NULL)",
        "22023|SELECT $.token_consume('', $._secret_make())",
        "22023|SELECT $.token_peek(NULL, $._secret_make())",
        "22023|SELECT $.token_revoke('p', '')"
      })
  void sqlFunctionsRefuseWithADocumentedState(String stateAndSql) throws SQLException {
    int bar = stateAndSql.indexOf('|');
    try (Connection connection = connect()) {
      assertThatThrownBy(() -> sql(connection, stateAndSql.substring(bar + 1)))
          .isInstanceOfSatisfying(
              SQLException.class,
              e -> assertThat(e.getSQLState()).isEqualTo(stateAndSql.substring(0, bar)));
    }
  }
}
