package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.session.SessionSettings.OnFull;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads, and two processes' worth of engines, on the same sessions. */
@Timeout(180)
class SessionConcurrencyTest extends SessionTest {
  private static final int THREADS = 24;

  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.callTimeout(Duration.ofSeconds(30));
  }

  private Howdah another() {
    return configure(TestPostgres.builder().schema(schema).sweeper(false)).open();
  }

  private List<String> deadlocks() {
    return sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void requestsThatChangeDifferentAttributesAllWin(Durability durability) {
    sessions.configure(defaults().withDurability(durability));
    String token = sessions.create("ann").token();
    int times = 12;
    try (Howdah other = another()) {
      Threads.run(
          THREADS,
          thread -> {
            Sessions ours = thread % 2 == 0 ? sessions : other.sessions();
            for (int i = 0; i < times; i++) {
              assertThat(ours.set(token, "a" + thread, i)).isTrue();
              assertThat(ours.set(token, "gone-" + thread, 1)).isTrue();
              assertThat(ours.set(token, "gone-" + thread, null)).isTrue();
            }
            return true;
          });
    }
    Session session = sessions.get(token).orElseThrow();
    assertThat(session.attributeNames()).hasSize(THREADS);
    for (int thread = 0; thread < THREADS; thread++) {
      assertThat(session.attribute("a" + thread, Integer.class)).contains(times - 1);
    }
  }

  /** Every thread sees the times of a session go forward only, whoever touches it. */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void touchNeverGoesBackwards(Durability durability) {
    sessions.configure(defaults().withDurability(durability).withTouchInterval(Duration.ZERO));
    String token =
        sessions.create(SessionRequest.of("ann").withLifetime(Duration.ofMinutes(40))).token();
    Instant end = sessions.get(token).orElseThrow().createdAt().plus(Duration.ofMinutes(40));
    AtomicInteger touches = new AtomicInteger();
    try (Howdah other = another()) {
      Threads.run(
          THREADS,
          thread -> {
            Sessions ours = thread % 2 == 0 ? sessions : other.sessions();
            Instant accessed = Instant.MIN;
            Instant expires = Instant.MIN;
            for (int i = 0; i < 40; i++) {
              Session session = ours.touch(token).orElseThrow();
              assertThat(session.lastAccessedAt()).isAfterOrEqualTo(accessed);
              assertThat(session.expiresAt()).isAfterOrEqualTo(expires).isBeforeOrEqualTo(end);
              if (session.lastAccessedAt().isAfter(accessed)) {
                touches.incrementAndGet();
              }
              accessed = session.lastAccessedAt();
              expires = session.expiresAt();
            }
            return true;
          });
    }
    assertThat(touches.get()).as("it was touched all the time").isGreaterThan(THREADS);
  }

  /** Many threads, one interval: the use of a session is written down once. */
  @Test
  void touchesOfOneIntervalAreOneWrite() {
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      tokens.add(sessions.create("user-" + i).token());
    }
    age(120);
    execute("CREATE TABLE $.written (handle uuid)");
    execute(
        "CREATE FUNCTION $.write_down() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
            + " INSERT INTO $.written VALUES (NEW.handle); RETURN NULL; END $body$");
    execute(
        "CREATE TRIGGER write_down AFTER UPDATE ON $.session_durable FOR EACH ROW EXECUTE FUNCTION $.write_down()");
    try (Howdah other = another()) {
      Threads.run(
          THREADS,
          thread -> {
            Sessions ours = thread % 2 == 0 ? sessions : other.sessions();
            for (int i = 0; i < 10; i++) {
              for (String token : tokens) {
                assertThat(ours.touch(token)).isPresent();
              }
            }
            return true;
          });
    } finally {
      execute("DROP TRIGGER write_down ON $.session_durable");
    }
    assertThat(sql("SELECT count(*) FROM $.written")).containsExactly("20");
    assertThat(sql("SELECT count(DISTINCT handle) FROM $.written")).containsExactly("20");
  }

  /**
   * What was revoked is never seen again by a call that begins afterwards, and never comes back.
   */
  @ParameterizedTest
  @EnumSource(Durability.class)
  void revokedSessionIsGoneForEverybodyAndForGood(Durability durability) {
    sessions.configure(defaults().withDurability(durability).withTouchInterval(Duration.ZERO));
    for (int round = 0; round < 8; round++) {
      String token = sessions.create("ann").token();
      AtomicBoolean revoked = new AtomicBoolean();
      AtomicInteger won = new AtomicInteger();
      Threads.run(
          16,
          thread -> {
            if (thread < 2) {
              if (sessions.revoke(token)) {
                won.incrementAndGet();
              }
              revoked.set(true);
              return true;
            }
            Optional<Session> found;
            do {
              boolean before = revoked.get();
              found = thread % 2 == 0 ? sessions.touch(token) : sessions.get(token);
              if (thread % 4 == 0) {
                sessions.set(token, "n", thread);
              }
              assertThat(before && found.isPresent()).isFalse();
            } while (found.isPresent());
            return true;
          });
      assertThat(won.get()).as("of two that revoke, one does").isEqualTo(1);
      assertThat(sessions.get(token)).isEmpty();
    }
    assertThat(sessions.count()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void ofRacingRotationsOneWins(Durability durability) {
    sessions.configure(defaults().withDurability(durability));
    for (int round = 0; round < 5; round++) {
      String token = sessions.create("ann").token();
      List<String> fresh =
          Threads.run(16, thread -> sessions.rotate(token)).stream()
              .flatMap(Optional::stream)
              .toList();
      assertThat(fresh).hasSize(1);
      assertThat(sessions.touch(fresh.get(0))).isPresent();
    }
  }

  /** A session whose token changes at that moment is one of the user's all the same. */
  @Test
  void revokingAUserMissesNoSessionWhoseTokenChanges() {
    for (int round = 0; round < 10; round++) {
      List<String> tokens = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tokens.add(sessions.create("ann").token());
      }
      Threads.run(
          9,
          thread -> {
            if (thread == 8) {
              sessions.revokeUser("ann");
            } else {
              Optional<String> token = Optional.of(tokens.get(thread));
              for (int i = 0; i < 10 && token.isPresent(); i++) {
                token = sessions.rotate(token.get());
              }
            }
            return true;
          });
      assertThat(sessions.count("ann")).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void boundOfAUserHoldsHoweverManyLogIn(Durability durability) {
    List<String> before = deadlocks();
    sessions.configure(
        defaults()
            .withDurability(durability)
            .withMaxPerUser(5, OnFull.EVICT)
            .withTouchInterval(Duration.ZERO));
    try (Howdah other = another()) {
      Threads.run(
          THREADS,
          thread -> {
            Sessions ours = thread % 2 == 0 ? sessions : other.sessions();
            for (int i = 0; i < 10; i++) {
              String user = i % 3 == 0 ? "bob" : "ann";
              String token = ours.create(user).token();
              var unused = ours.touch(token);
              if (i % 5 == 0) {
                Optional<String> login =
                    ours.rotate(ours.create(SessionRequest.anonymous()).token(), user);
                assertThat(login).isPresent();
              }
              if (i % 7 == 0) {
                ours.revokeOthers(user, token);
              }
              assertThat(ours.count(user)).isBetween(0L, 5L);
            }
            return true;
          });
    }
    assertThat(sessions.count("ann")).isBetween(1L, 5L);
    assertThat(deadlocks()).isEqualTo(before);
  }

  @Test
  void boundThatRefusesHoldsHoweverManyLogIn() {
    sessions.configure(defaults().withMaxPerUser(5, OnFull.REFUSE));
    try (Howdah other = another()) {
      List<Boolean> created =
          Threads.run(
              THREADS,
              thread ->
                  (thread % 2 == 0 ? sessions : other.sessions())
                      .tryCreate(SessionRequest.of("ann"))
                      .isPresent());
      assertThat(created.stream().filter(did -> did)).hasSize(5);
    }
    assertThat(sessions.count("ann")).isEqualTo(5);
  }

  /** Somebody's open transaction holds a row: reads and touches of the session go on. */
  @Test
  void touchWaitsForNobody() throws Exception {
    String token = sessions.create("ann").token();
    age(120);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(howdah.on(connection).sessions().set(token, "n", 1)).isTrue();
      Threads.run(16, thread -> sessions.touch(token).orElseThrow());
      connection.commit();
    }
    Session session = sessions.get(token).orElseThrow();
    assertThat(session.attribute("n", Integer.class)).contains(1);
    assertThat(sessions.touch(token).orElseThrow().lastAccessedAt())
        .isAfter(session.lastAccessedAt());
  }

  @Test
  void mixedCallsDoNotDeadlock() {
    List<String> before = deadlocks();
    sessions.configure(defaults().withTouchInterval(Duration.ZERO).withMaxPerUser(8, OnFull.EVICT));
    List<String> tokens = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 64; i++) {
      tokens.add(sessions.create("user-" + i % 4).token());
    }
    Threads.run(
        THREADS,
        thread -> {
          Random random = new Random(thread);
          for (int i = 0; i < 30; i++) {
            String token = tokens.get(random.nextInt(tokens.size()));
            switch (random.nextInt(8)) {
              case 0 -> sessions.set(token, Map.of("a" + random.nextInt(3), i));
              case 1 -> sessions.rotate(token).ifPresent(tokens::add);
              case 2 -> sessions.revoke(token);
              case 3 -> sessions.revokeOthers("user-" + random.nextInt(4), token);
              case 4 -> tokens.add(sessions.create("user-" + random.nextInt(4)).token());
              case 5 -> howdah.sweep();
              default -> {
                for (int k = 0; k < 10; k++) {
                  var unused = sessions.touch(tokens.get(random.nextInt(tokens.size())));
                }
              }
            }
          }
          return true;
        });
    assertThat(deadlocks()).isEqualTo(before);
    for (int user = 0; user < 4; user++) {
      assertThat(sessions.count("user-" + user)).isLessThanOrEqualTo(8);
    }
  }
}
