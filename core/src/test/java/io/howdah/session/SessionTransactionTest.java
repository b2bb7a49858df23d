package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.session.SessionSettings.OnFull;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls inside a transaction of the caller's, and which of the engine's own wait for the flush. */
class SessionTransactionTest extends SessionTest {
  @BeforeEach
  void watchSynchronousCommit() {
    // Notes the setting under which each change of the logged table commits.
    execute("CREATE TABLE $.seen (what text, setting text)");
    execute(
        "CREATE FUNCTION $.see() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
            + " INSERT INTO $.seen VALUES (TG_OP || CASE WHEN TG_OP = 'UPDATE' THEN CASE WHEN OLD.token_hash <> NEW.token_hash"
            + " THEN ' token' WHEN OLD.data <> NEW.data THEN ' data' ELSE ' touch' END ELSE '' END,"
            + " current_setting('synchronous_commit')); RETURN NULL; END $body$");
    execute(
        "CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON $.session_durable FOR EACH ROW EXECUTE FUNCTION $.see()");
  }

  @AfterEach
  void stopWatching() {
    execute("DROP TRIGGER see ON $.session_durable");
    execute("DROP FUNCTION $.see()");
    execute("DROP TABLE $.seen");
  }

  private List<String> seen() {
    return sql("SELECT DISTINCT what || ' ' || setting FROM $.seen ORDER BY 1");
  }

  private void liveALife() {
    String token = sessions.create("ann").token();
    assertThat(sessions.set(token, "n", 1)).isTrue();
    execute("UPDATE $.session_durable SET last_accessed_at = last_accessed_at - interval '2 min'");
    execute("DELETE FROM $.seen WHERE what = 'UPDATE touch'");
    assertThat(sessions.touch(token)).isPresent();
    String fresh = sessions.rotate(token).orElseThrow();
    assertThat(sessions.revoke(fresh)).isTrue();
  }

  @Test
  void relaxedCallsDoNotWaitForTheFlushButThoseThatEndAToken() {
    liveALife();
    assertThat(seen())
        .containsExactly(
            "DELETE on", "INSERT off", "UPDATE data off", "UPDATE token on", "UPDATE touch off");
  }

  @Test
  void relaxedBatchesDoNotWaitEither() {
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      tokens.add(sessions.create("ann").token());
    }
    execute("UPDATE $.session_durable SET last_accessed_at = last_accessed_at - interval '2 min'");
    execute("DELETE FROM $.seen");
    Threads.run(32, thread -> sessions.touch(tokens.get(thread)).orElseThrow());
    assertThat(sql("SELECT count(*) FROM $.seen")).containsExactly("32");
    assertThat(seen()).containsExactly("UPDATE touch off");
  }

  @Test
  void durableCallsWaitForTheFlushButTouches() {
    sessions.configure(defaults().withDurability(Durability.DURABLE));
    liveALife();
    assertThat(seen())
        .containsExactly(
            "DELETE on", "INSERT on", "UPDATE data on", "UPDATE token on", "UPDATE touch off");
  }

  @Test
  void callsInATransactionKeepItsSetting() {
    howdah.transaction(tx -> {
      Sessions inside = tx.sessions();
      String token = inside.create("ann").token();
      assertThat(inside.set(token, "n", 1)).isTrue();
      assertThat(inside.revoke(inside.rotate(token).orElseThrow())).isTrue();
    });
    assertThat(sql("SELECT $.session_touch($.session_create('ann'))")).hasSize(1);
    assertThat(seen())
        .containsExactly("DELETE on", "INSERT on", "UPDATE data on", "UPDATE token on");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void rollbackUndoesAndCommitKeeps(Durability durability) {
    sessions.configure(defaults().withDurability(durability));
    String token = sessions.create("ann").token();
    AtomicReference<String> other = new AtomicReference<>();
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              Sessions inside = tx.sessions();
              other.set(inside.create("bob").token());
              assertThat(inside.get(other.get())).isPresent();
              assertThat(sessions.get(other.get())).isEmpty();
              assertThat(inside.set(token, "n", 1)).isTrue();
              assertThat(inside.touch(token).flatMap(s -> s.attribute("n", Integer.class)))
                  .contains(1);
              assertThat(inside.revoke(token)).isTrue();
              assertThat(inside.touch(token)).isEmpty();
              throw new IllegalStateException("never mind");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(sessions.get(other.get())).isEmpty();
    assertThat(sessions.get(token).orElseThrow().attributeNames()).isEmpty();
    howdah.transaction(tx -> assertThat(tx.sessions().revoke(token)).isTrue());
    assertThat(sessions.get(token)).isEmpty();
  }

  @Test
  void expectedRefusalDoesNotAbort() {
    sessions.configure(defaults().withMaxPerUser(1, OnFull.REFUSE));
    var unused = sessions.create("ann");
    String absent = io.howdah.Secret.make();
    howdah.transaction(tx -> {
      Sessions inside = tx.sessions();
      assertThat(inside.get(absent)).isEmpty();
      assertThat(inside.touch(absent)).isEmpty();
      assertThat(inside.set(absent, "a", 1)).isFalse();
      assertThat(inside.rotate(absent)).isEmpty();
      assertThat(inside.rotate(absent, "bob")).isEmpty();
      assertThat(inside.revoke(absent)).isFalse();
      assertThat(inside.tryCreate(SessionRequest.of("ann"))).isEmpty();
      assertThatThrownBy(() -> inside.create("ann")).isInstanceOf(HowdahException.class);
      assertThat(inside.create("bob").token()).isNotEmpty();
    });
    assertThat(sessions.count("bob")).isEqualTo(1);
  }

  @Test
  void boundIsKeptUnderReadCommittedOnlyAndSaysSo() throws Exception {
    sessions.configure(defaults().withMaxPerUser(1, OnFull.EVICT));
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      Sessions inside = howdah.on(connection).sessions();
      assertThat(inside.create(SessionRequest.anonymous()).token()).isNotEmpty();
      assertThatThrownBy(() -> inside.create("ann"))
          .isInstanceOfSatisfying(
              HowdahException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
                assertThat(e.sqlState()).isEqualTo("HD007");
              });
      connection.rollback();
    }
  }

  @Test
  void touchInAReadOnlyTransactionReads() throws Exception {
    String token = sessions.create("ann").token();
    age(120);
    Session before = sessions.get(token).orElseThrow();
    try (Connection connection = connect()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      assertThat(howdah.on(connection).sessions().touch(token).orElseThrow().lastAccessedAt())
          .isEqualTo(before.lastAccessedAt());
      connection.rollback();
    }
  }

  @Test
  void conflictAboveReadCommittedSaysSo() throws Exception {
    String token = sessions.create("ann").token();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      Sessions inside = howdah.on(connection).sessions();
      assertThat(inside.get(token)).isPresent();
      assertThat(sessions.set(token, "n", 1)).isTrue();
      assertThatThrownBy(() -> inside.set(token, "n", 2))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      connection.rollback();
    }
  }

  @Test
  void longTransactionSeesSessionsEndWhileItIsOpen() throws Exception {
    String token = sessions.create("ann").token();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Sessions inside = howdah.on(connection).sessions();
      assertThat(inside.get(token)).isPresent();
      age(1800);
      assertThat(inside.get(token)).isEmpty();
      connection.rollback();
    }
  }

  @Test
  void asyncIsRefusedInsideATransaction() {
    howdah.transaction(tx ->
        assertThatThrownBy(() -> tx.sessions().async())
            .isInstanceOf(InvalidArgumentException.class));
  }
}
