package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.PrivatePostgres;
import io.howdah.token.Tokens;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a crash takes of sessions and one-time tokens, and what it never gives back. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SessionDurabilityTest {
  private PrivatePostgres postgres;
  private Howdah howdah;

  /** Nothing is flushed but what a commit waits for. */
  @BeforeAll
  void start() {
    postgres = PrivatePostgres.create("wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'");
    howdah =
        Howdah.builder(postgres.url()).sweeper(false).callTimeout(Duration.ofSeconds(20)).open();
  }

  @AfterAll
  void stop() {
    howdah.close();
    postgres.close();
  }

  private void crash() {
    postgres.kill();
    postgres.start();
  }

  /** The first statements after a crash may meet connections that it has cut. */
  private static <T> T atLast(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (HowdahException e) {
        assertThat(e).hasMessageContaining("connect");
      }
    }
  }

  private Sessions kept(Durability durability) {
    Sessions sessions = howdah.sessions();
    sessions.configure(SessionSettings.defaults().withDurability(durability));
    return sessions;
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void crashTakesTheEphemeralSessionsAndNoOthersThatAreFlushed(Durability durability) {
    Sessions sessions = kept(durability);
    String token = sessions.create("ann").token();
    postgres.sql("CHECKPOINT");
    crash();
    Optional<Session> found = atLast(() -> sessions.touch(token));
    assertThat(found.isPresent()).isEqualTo(durability != Durability.EPHEMERAL);
    String after = sessions.create("ann").token();
    assertThat(sessions.touch(after)).isPresent();
  }

  @Test
  void crashTakesNothingThatWasAcknowledgedOfDurableSessions() {
    Sessions sessions = kept(Durability.DURABLE);
    String token = sessions.create("ann").token();
    assertThat(sessions.set(token, "n", 1)).isTrue();
    crash();
    assertThat(atLast(() -> sessions.get(token)).flatMap(s -> s.attribute("n", Integer.class)))
        .contains(1);
  }

  /**
   * The last moments of relaxed sessions are gone: otherwise the tests below would prove nothing.
   */
  @Test
  void crashTakesTheEndOfRelaxedSessions() {
    Sessions sessions = kept(Durability.RELAXED);
    postgres.sql("CHECKPOINT");
    String token = sessions.create("ann").token();
    crash();
    assertThat(atLast(() -> sessions.get(token))).isEmpty();
  }

  @Test
  void crashGivesBackNoSessionThatWasRevoked() {
    Sessions sessions = kept(Durability.RELAXED);
    String one = sessions.create("ann").token();
    String two = sessions.create("bob").token();
    String three = sessions.create("cid").token();
    postgres.sql("CHECKPOINT");
    assertThat(sessions.revoke(one)).isTrue();
    crash();
    assertThat(atLast(() -> sessions.touch(one))).isEmpty();
    assertThat(sessions.touch(two)).isPresent();
    assertThat(sessions.revokeUser("bob")).isEqualTo(1);
    crash();
    assertThat(atLast(() -> sessions.touch(two))).isEmpty();
    String fresh = sessions.rotate(three).orElseThrow();
    crash();
    assertThat(atLast(() -> sessions.touch(three))).as("the token of before").isEmpty();
    assertThat(sessions.touch(fresh)).isPresent();
  }

  @Test
  void crashMakesNoOneTimeTokenValidAgain() {
    Tokens tokens = howdah.tokens();
    Duration hour = Duration.ofHours(1);
    String one = tokens.issue("reset", "ann", hour).token();
    String two = tokens.issue("reset", "bob", hour).token();
    postgres.sql("CHECKPOINT");
    assertThat(tokens.consume("reset", one)).isPresent();
    crash();
    assertThat(atLast(() -> tokens.peek("reset", one))).isEmpty();
    assertThat(tokens.revoke("reset", "bob")).isEqualTo(1);
    crash();
    assertThat(atLast(() -> tokens.peek("reset", two))).isEmpty();
    String lost = tokens.issue("reset", "cid", hour).token();
    crash();
    assertThat(atLast(() -> tokens.peek("reset", lost))).as("issuing waits for no flush").isEmpty();
  }
}
