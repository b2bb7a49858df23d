package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.Wipe;
import io.howdah.cache.ComputedCache;
import io.howdah.schema.SchemaMode;
import io.howdah.session.Session;
import io.howdah.session.SessionRequest;
import io.howdah.session.SessionSettings;
import io.howdah.session.Sessions;
import io.howdah.stats.Health;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import io.howdah.testing.Threads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be read on a standby, and what a failover takes. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandbyTest {
  private PrivatePostgres primary;
  private PrivatePostgres standby;
  private String session;
  private String token;

  @BeforeAll
  void start() {
    primary = PrivatePostgres.create();
    try (Howdah howdah = Howdah.open(primary.url())) {
      for (Durability durability : Durability.values()) {
        String name = "n-" + durability;
        howdah.namespaces().create(name, durability);
        howdah.kv(name, Integer.class).set("k", 1);
      }
      howdah
          .namespaces()
          .create("documents", NamespaceSettings.of(Durability.DURABLE).asSearchable());
      howdah.kv("documents", Integer.class).set("k", 1);
      howdah.kv("unregistered", Integer.class).set("k", 1);
      session = howdah.sessions().create(SessionRequest.of("ann").with("n", 1)).token();
      token = howdah.tokens().issue("p", "ann", Duration.ofHours(1)).token();
      primary.sql(
          "UPDATE howdah.session_durable SET last_accessed_at = last_accessed_at - interval '2 min'");
    }
    standby = primary.standby();
    awaitReplay();
  }

  private void awaitReplay() {
    String written = primary.sql("SELECT pg_current_wal_flush_lsn()").get(0);
    Eventually.holds(
        "the standby has caught up",
        () ->
            standby
                .sql("SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn", written)
                .equals(List.of("t")));
  }

  @AfterAll
  void stop() {
    standby.close();
    primary.close();
  }

  private Howdah open() {
    return Howdah.builder(standby.url())
        .schemaMode(SchemaMode.VALIDATE)
        .wipeCheckInterval(Duration.ofMillis(100))
        .open();
  }

  @Test
  @Order(1)
  void loggedValuesAreReadOnAStandby() {
    try (Howdah howdah = open()) {
      for (String name : List.of("n-RELAXED", "n-DURABLE", "documents")) {
        KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
        assertThat(standby.sql("SELECT howdah.kv_get(?, 'k')", name)).containsExactly("1");
        assertThat(store.get("k")).contains(1);
        assertThat(store.getAll(List.of("k", "l"))).hasSize(1);
        assertThat(store.getEntry("k")).isPresent();
        assertThat(store.scan("")).hasSize(1);
        assertThat(store.count("")).isEqualTo(1);
      }
      assertThat(standby.sql("SELECT key FROM howdah.kv_durable_live")).hasSize(3);
    }
  }

  @ParameterizedTest
  @Order(2)
  @ValueSource(
      strings = {
        "kv_get(?, 'k')",
        "kv_get_bytes(?, 'k')",
        "kv_get_entry(?, 'k')",
        "kv_exists(?, 'k')",
        "kv_ttl(?, 'k')",
        "kv_get_many(?, '{k}')",
        "kv_scan(?)",
        "kv_count(?)"
      })
  void ephemeralValuesAreAnErrorOnAStandbyAndNotAbsent(String call) {
    for (String name : List.of("n-EPHEMERAL", "unregistered", "never-seen")) {
      assertThatThrownBy(() -> standby.sql("SELECT howdah." + call, name))
          .hasMessageContaining(name)
          .hasMessageContaining("standby")
          .cause()
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HD008"));
    }
  }

  @Test
  @Order(3)
  void javaSaysSoToo() {
    try (Howdah howdah = open()) {
      KeyValueStore<Integer> ephemeral = howdah.kv("n-EPHEMERAL", Integer.class);
      for (ThrowableAssert.ThrowingCallable read :
          List.<ThrowableAssert.ThrowingCallable>of(
              () -> ephemeral.get("k"),
              () -> howdah.kv("unregistered", byte[].class).get("k"),
              () -> ephemeral.getAll(List.of("k", "l")),
              () -> ephemeral.async().get("k").toCompletableFuture().join(),
              () -> ephemeral.getEntry("k"),
              () -> ephemeral.exists("k"),
              () -> ephemeral.scan("").toList(),
              () -> ephemeral.set("k", 2),
              () -> ephemeral.delete("k"),
              () -> ephemeral.increment("k"),
              () -> ephemeral.setAll(Map.of("k", 2, "l", 2)),
              () -> howdah.kv("n-DURABLE", Integer.class).set("k", 2),
              () -> howdah.kv("n-RELAXED", Integer.class).setAll(Map.of("k", 2, "l", 2)),
              () -> howdah.namespaces().create("another", Durability.DURABLE))) {
        assertThat(catchThrowableOfType(HowdahException.class, () -> joined(read)).code())
            .isEqualTo(ErrorCode.STANDBY);
      }
      Health health = howdah.health();
      assertThat(health.up()).isTrue();
      assertThat(health.degraded()).containsOnlyKeys(Health.Reason.STANDBY);
      assertThat(howdah.stats().isStandby()).isTrue();
      assertThat(howdah.stats().wipes()).isZero();
    }
  }

  @Test
  @Order(3)
  void sessionsAreReadOnAStandbyAndNotWritten() {
    try (Howdah howdah = open()) {
      Sessions sessions = howdah.sessions();
      Session found = sessions.get(session).orElseThrow();
      assertThat(found.attribute("n", Integer.class)).contains(1);
      assertThat(sessions.touch(session).orElseThrow().lastAccessedAt())
          .as("it only reads")
          .isEqualTo(found.lastAccessedAt());
      List<Session> many = Threads.run(32, thread -> sessions.touch(session).orElseThrow());
      assertThat(many).extracting(Session::handle).containsOnly(found.handle());
      assertThat(sessions.touch(io.howdah.Secret.make())).isEmpty();
      assertThat(sessions.list("ann")).hasSize(1);
      assertThat(sessions.find("{}", 10)).hasSize(1);
      assertThat(sessions.count()).isEqualTo(1);
      assertThat(sessions.settings()).isEqualTo(SessionSettings.defaults());
      assertThat(howdah.tokens().peek("p", token)).isPresent();
      for (ThrowableAssert.ThrowingCallable write :
          List.<ThrowableAssert.ThrowingCallable>of(
              () -> sessions.create("bob"),
              () -> sessions.set(session, "n", 2),
              () -> sessions.rotate(session),
              () -> sessions.revoke(session),
              () -> sessions.revokeUser("ann"),
              () -> sessions.configure(SessionSettings.defaults().withIdle(Duration.ofHours(1))),
              () -> howdah.tokens().issue("p", "ann", Duration.ofHours(1)),
              () -> howdah.tokens().consume("p", token),
              () -> howdah.tokens().revoke("p", "ann"))) {
        assertThat(catchThrowableOfType(HowdahException.class, write).code())
            .isEqualTo(ErrorCode.STANDBY);
      }
    }
  }

  /** After the others, because all sessions move with it. */
  @Test
  @Order(4)
  void ephemeralSessionsAreAnErrorOnAStandbyAndNotAbsent() {
    primary.sql("SELECT howdah.session_configure('ephemeral')");
    awaitReplay();
    try (Howdah howdah = open()) {
      Sessions sessions = howdah.sessions();
      for (ThrowableAssert.ThrowingCallable read :
          List.<ThrowableAssert.ThrowingCallable>of(
              () -> sessions.get(session),
              () -> sessions.touch(session),
              () -> sessions.async().touch(session).toCompletableFuture().join(),
              () -> sessions.list("ann"),
              () -> sessions.find("{}", 10),
              () -> sessions.count())) {
        assertThat(catchThrowableOfType(HowdahException.class, () -> joined(read)).code())
            .isEqualTo(ErrorCode.STANDBY);
      }
    }
    primary.sql("SELECT howdah.session_configure('relaxed')");
    awaitReplay();
  }

  @Test
  @Order(5)
  void cachesAreAnErrorOnAStandbyAndNotEmpty() {
    try (Howdah howdah = open()) {
      ComputedCache<Integer> cache = howdah.cache("c", Integer.class);
      for (ThrowableAssert.ThrowingCallable call :
          List.<ThrowableAssert.ThrowingCallable>of(
              () -> cache.getIfPresent("k"),
              () -> cache.get("k", () -> 1),
              () -> cache.getAllPresent(List.of("k")),
              () -> cache.put("k", 1),
              () -> cache.evict("k"))) {
        assertThat(catchThrowableOfType(HowdahException.class, call).code())
            .isEqualTo(ErrorCode.STANDBY);
      }
    }
  }

  private static void joined(ThrowableAssert.ThrowingCallable call) throws Throwable {
    try {
      call.call();
    } catch (CompletionException e) {
      throw e.getCause();
    }
  }

  @Test
  @Order(5)
  void failoverIsAWipe() {
    try (Howdah howdah = open()) {
      List<Wipe> heard = new CopyOnWriteArrayList<>();
      howdah.onWipe(heard::add);
      assertThat(howdah.kv("n-DURABLE", Integer.class).count("")).isEqualTo(1);
      primary.kill();
      standby.promote();
      Eventually.holds("it is told", () -> !heard.isEmpty());
      assertThat(howdah.kv("n-DURABLE", Integer.class).get("k")).contains(1);
      assertThat(howdah.kv("n-RELAXED", Integer.class).get("k")).contains(1);
      assertThat(howdah.kv("n-EPHEMERAL", Integer.class).get("k")).isEmpty();
      howdah.kv("n-EPHEMERAL", Integer.class).set("k", 2);
      assertThat(howdah.kv("n-EPHEMERAL", Integer.class).get("k")).contains(2);
      assertThat(howdah.sessions().touch(session)).isPresent();
      assertThat(howdah.sessions().revoke(session)).isTrue();
      assertThat(heard).hasSize(1);
    }
  }
}
