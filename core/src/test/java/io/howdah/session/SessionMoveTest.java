package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions move to another level while they are used: none is missed, and no change is lost. */
@Timeout(180)
class SessionMoveTest extends SessionTest {
  private static final List<Durability> ROUND =
      List.of(
          Durability.EPHEMERAL,
          Durability.DURABLE,
          Durability.RELAXED,
          Durability.EPHEMERAL,
          Durability.RELAXED,
          Durability.DURABLE);

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.callTimeout(Duration.ofSeconds(30));
  }

  @Test
  void sessionsAreFoundWhileTheyMove() {
    int count = 200;
    SessionSettings settings = defaults().withTouchInterval(Duration.ZERO);
    sessions.configure(settings);
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tokens.add(sessions.create(SessionRequest.of("ann").with("n", 0)).token());
    }
    AtomicBoolean done = new AtomicBoolean();
    Threads.run(
        13,
        thread -> {
          if (thread == 0) {
            try {
              for (int i = 0; i < 3; i++) {
                for (Durability durability : ROUND) {
                  assertThat(sessions.configure(settings.withDurability(durability))).isTrue();
                }
              }
            } finally {
              done.set(true);
            }
            return true;
          }
          Random random = new Random(thread);
          int written = 0;
          // Its own sessions, so that it knows what they hold.
          String own = sessions.create(SessionRequest.of("own").with("n", 0)).token();
          while (!done.get()) {
            String token = tokens.get(random.nextInt(count));
            assertThat(thread % 2 == 0 ? sessions.touch(token) : sessions.get(token)).isPresent();
            assertThat(sql("SELECT count(*) FROM $.session_get(?)", token)).containsExactly("1");
            if (thread % 3 == 0) {
              assertThat(sessions.set(own, "n", ++written)).isTrue();
              own = sessions.rotate(own).orElseThrow();
              assertThat(sessions.touch(own).flatMap(s -> s.attribute("n", Integer.class)))
                  .contains(written);
            }
            assertThat(sessions.count("ann")).isEqualTo(count);
          }
          return true;
        });
    assertThat(sessions.settings().durability()).isEqualTo(Durability.DURABLE);
    assertThat(sql("SELECT count(*) FROM $.session_durable")).containsExactly("" + (count + 12));
    assertThat(sql("SELECT count(*) FROM $.session_ephemeral")).containsExactly("0");
  }

  /**
   * A touch looks where sessions are, then into that table, then again where they are. Here they
   * have moved away before the second look, and are back before the third one.
   */
  @Test
  void touchBetweenTwoMovesFindsItsSession() throws Exception {
    byte[] hash = TokenHash.of(sessions.create("ann").token()).bytes();
    AtomicReference<List<String>> found = new AtomicReference<>();
    Thread toucher =
        new Thread(
            () -> found.set(sql("SELECT handle FROM $._session_touch_one(?, true)", hash)),
            "toucher");
    execute(
        "CREATE FUNCTION $.wait_in_touch() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END';"
            + " CREATE TRIGGER wait_in_touch BEFORE UPDATE ON $.session_durable"
            + " FOR EACH STATEMENT EXECUTE FUNCTION $.wait_in_touch()");
    try (Connection there = connect();
        Connection back = connect()) {
      there.setAutoCommit(false);
      back.setAutoCommit(false);
      sql(back, "SELECT pg_advisory_xact_lock(4711)");
      sql(there, "LOCK TABLE $.session_durable IN ACCESS EXCLUSIVE MODE");
      toucher.start();
      waits("relation = ?::regclass", schema + ".session_durable");
      sql(there, "SELECT $.session_configure('ephemeral')");
      there.commit();
      waits("locktype = 'advisory' AND objid = ?::oid", "4711");
      sql(back, "SELECT $.session_configure('durable')");
      back.commit();
      toucher.join();
    } finally {
      execute("DROP TRIGGER wait_in_touch ON $.session_durable");
    }
    assertThat(found.get()).hasSize(1);
  }

  private void waits(String lock, String which) {
    Eventually.holds(
        "somebody waits for " + which,
        () -> !sql("SELECT 1 FROM pg_locks WHERE NOT granted AND " + lock, which).isEmpty());
  }

  @Tag("full")
  @Test
  void moveWaitsForOpenTransactionsAndSaysSoWhenItGivesUp() throws Exception {
    String token = sessions.create("ann").token();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(howdah.on(connection).sessions().set(token, "n", 1)).isTrue();
      assertThatThrownBy(() -> sessions.configure(defaults().withDurability(Durability.EPHEMERAL)))
          .isInstanceOfSatisfying(
              HowdahException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.LOCKED);
                assertThat(e.sqlState()).isEqualTo("HD009");
              });
      assertThat(sessions.settings()).isEqualTo(defaults());
      assertThat(sessions.configure(defaults())).as("nothing changes").isFalse();
      connection.commit();
    }
    assertThat(sessions.configure(defaults().withDurability(Durability.EPHEMERAL))).isTrue();
    assertThat(sessions.touch(token).flatMap(s -> s.attribute("n", Integer.class))).contains(1);
  }

  /** What a transaction has touched is locked until it ends: it must not meet the move half way. */
  @Test
  void openTransactionThatTouchedIsNoDeadlockForAMoveNorAStopForOthers() throws Exception {
    String token = sessions.create("ann").token();
    String other = sessions.create("bob").token();
    age(120);
    Thread mover;
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Sessions inside = howdah.on(connection).sessions();
      Instant before = sessions.get(token).orElseThrow().lastAccessedAt();
      assertThat(inside.touch(token).orElseThrow().lastAccessedAt()).isAfter(before);
      mover = new Thread(() -> sql("SELECT $.session_configure('ephemeral')"), "mover");
      mover.start();
      Eventually.holds(
          "the move is under way",
          () ->
              !sql(
                      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%' || ? || '.session_configure%'"
                          + " AND pid <> pg_backend_pid() AND wait_event IS NOT NULL AND state = 'active'",
                      schema)
                  .isEmpty());
      assertThat(sessions.set(other, "n", 1)).isTrue();
      assertThat(inside.set(token, "n", 1)).isTrue();
      connection.commit();
    }
    mover.join(30_000);
    assertThat(sessions.settings().durability()).isEqualTo(Durability.EPHEMERAL);
    for (String moved : List.of(token, other)) {
      assertThat(sessions.touch(moved).flatMap(s -> s.attribute("n", Integer.class))).contains(1);
    }
  }

  @Test
  void writerAboveReadCommittedWhoseSnapshotIsOlderThanAMoveConflicts() throws Exception {
    String token = sessions.create("ann").token();
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      Sessions inside = howdah.on(connection).sessions();
      assertThat(inside.get(token)).isPresent();
      assertThat(sessions.configure(defaults().withDurability(Durability.EPHEMERAL))).isTrue();
      assertThatThrownBy(() -> inside.create("bob"))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      connection.rollback();
    }
    assertThat(sql("SELECT count(*) FROM $.session_durable")).containsExactly("0");
  }
}
