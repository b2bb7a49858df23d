package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.TypeRef;
import io.howdah.session.SessionSettings.OnFull;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.data.TemporalUnitWithinOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/** What each operation does, singly, in either table. */
class SessionsTest extends SessionTest {
  private static final TemporalUnitWithinOffset A_MINUTE =
      new TemporalUnitWithinOffset(1, ChronoUnit.MINUTES);

  record Cart(String owner, List<String> items) {}

  private void in(Durability durability) {
    sessions.configure(defaults().withDurability(durability));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void createdSessionIsFoundByItsToken(Durability durability) {
    in(durability);
    Cart cart = new Cart("ann", List.of("rug"));
    CreatedSession created =
        sessions.create(
            SessionRequest.of("ann")
                .with("cart", cart)
                .withIp("2001:db8::1")
                .withUserAgent("Firefox \uD83E\uDD8A"));
    Session found = sessions.get(created.token()).orElseThrow();
    for (Session session : List.of(created.session(), found)) {
      assertThat(session.userId()).contains("ann");
      assertThat(session.attribute("cart", Cart.class)).contains(cart);
      assertThat(session.attribute("other", Cart.class)).isEmpty();
      assertThat(session.attributeNames()).containsExactly("cart");
      assertThat(session.userAgent()).contains("Firefox \uD83E\uDD8A");
      assertThat(session.expiresAt())
          .isEqualTo(session.createdAt().plus(Duration.ofMinutes(30)))
          .isEqualTo(created.session().expiresAt());
      assertThat(session.lastAccessedAt()).isEqualTo(session.createdAt());
      assertThat(session.ip()).contains("2001:db8::1");
    }
    assertThat(found.handle()).isEqualTo(created.session().handle());
    assertThat(sessions.touch(created.token()).orElseThrow().handle()).isEqualTo(found.handle());
  }

  @Test
  void absentTokenFindsNothing() {
    String token = sessions.create("ann").token();
    assertThat(sessions.revoke(token)).isTrue();
    assertThat(sessions.get(token)).isEmpty();
    assertThat(sessions.touch(token)).isEmpty();
    assertThat(sessions.set(token, "a", 1)).isFalse();
    assertThat(sessions.rotate(token)).isEmpty();
    assertThat(sessions.rotate(token, "ann")).isEmpty();
    assertThat(sessions.revoke(token)).isFalse();
  }

  @Test
  void databaseHoldsNoToken() {
    String token = sessions.create("ann").token();
    String all =
        sql("SELECT string_agg(s::text, ' ') || encode((array_agg(s.token_hash))[1], 'escape') FROM"
                + " $.session_durable AS s")
            .get(0);
    assertThat(all).doesNotContain(token);
    assertThat(
            sql(
                "SELECT count(*) FROM $.session_durable WHERE token_hash = sha256(?::bytea)",
                token))
        .containsExactly("1");
  }

  @Test
  void tokensAreDistinctAndWellFormed() {
    Set<String> tokens = new HashSet<>(sql("SELECT $._secret_make() FROM generate_series(1, 500)"));
    for (int i = 0; i < 500; i++) {
      tokens.add(io.howdah.Secret.make());
    }
    assertThat(tokens).hasSize(1_000).allMatch(Sessions::isWellFormed);
    // Each of the 256 bits is set in about half of them.
    int[] set = new int[256];
    for (String token : tokens) {
      byte[] bytes = java.util.Base64.getUrlDecoder().decode(token);
      for (int bit = 0; bit < 256; bit++) {
        set[bit] += bytes[bit / 8] >> (bit % 8) & 1;
      }
    }
    assertThat(java.util.Arrays.stream(set).boxed()).allMatch(times -> times > 400 && times < 600);
  }

  @Test
  void sqlAndJavaKnowTheSameSessions() {
    String ours = sessions.create(SessionRequest.of("ann").with("a", 1)).token();
    assertThat(sql("SELECT data FROM $.session_get(?)", ours)).containsExactly("{\"a\": 1}");
    String theirs = sql("SELECT $.session_create('bob', '{\"b\": 2}', ip => '192.0.2.1')").get(0);
    Session session = sessions.get(theirs).orElseThrow();
    assertThat(session.attribute("b", Integer.class)).contains(2);
    assertThat(session.ip()).contains("192.0.2.1");
    assertThat(sql("SELECT $.session_set(?, '{\"c\": 3}')", ours)).containsExactly("t");
    assertThat(sessions.get(ours).orElseThrow().attributeNames())
        .containsExactlyInAnyOrder("a", "c");
    assertThat(sql("SELECT $.session_revoke(?)", theirs)).containsExactly("t");
    assertThat(sessions.get(theirs)).isEmpty();
    String rotated = sql("SELECT $.session_rotate(?)", ours).get(0);
    assertThat(sessions.get(ours)).isEmpty();
    assertThat(sessions.get(rotated)).isPresent();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void sessionEndsWhenItIsNotUsed(Durability durability) {
    in(durability);
    String token = sessions.create("ann").token();
    age(29 * 60);
    assertThat(sessions.get(token)).isPresent();
    age(60);
    assertThat(sessions.get(token)).isEmpty();
    assertThat(sessions.touch(token)).isEmpty();
    assertThat(sessions.set(token, "a", 1)).isFalse();
    assertThat(sessions.rotate(token)).isEmpty();
    assertThat(sessions.revoke(token)).isFalse();
    assertThat(sessions.list("ann")).isEmpty();
    assertThat(sessions.find("{}", 10)).isEmpty();
    assertThat(sessions.count()).isZero();
    assertThat(sessions.count("ann")).isZero();
    assertThat(sessions.revokeUser("ann")).isZero();
    assertThat(sql("SELECT count(*) FROM $.session")).containsExactly("0");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void usedSessionLivesOnAndNotPastItsLifetime(Durability durability) {
    in(durability);
    String token =
        sessions
            .create(
                SessionRequest.of("ann")
                    .withIdle(Duration.ofMinutes(30))
                    .withLifetime(Duration.ofMinutes(70)))
            .token();
    Session first = sessions.get(token).orElseThrow();
    age(20 * 60);
    Session second = sessions.touch(token).orElseThrow();
    assertThat(second.expiresAt()).isCloseTo(first.expiresAt(), A_MINUTE);
    age(20 * 60);
    Session third = sessions.touch(token).orElseThrow();
    assertThat(third.expiresAt()).isCloseTo(first.expiresAt(), A_MINUTE);
    age(20 * 60);
    // Its last ten minutes.
    Session last = sessions.touch(token).orElseThrow();
    assertThat(last.expiresAt())
        .isCloseTo(first.createdAt().plus(Duration.ofMinutes(10)), A_MINUTE)
        .isEqualTo(sessions.get(token).orElseThrow().expiresAt());
    age(10 * 60);
    assertThat(sessions.touch(token)).isEmpty();
  }

  @Test
  void lifetimeShorterThanIdleEndsIt() {
    Session session =
        sessions.create(SessionRequest.of("ann").withLifetime(Duration.ofMinutes(5))).session();
    assertThat(session.expiresAt()).isEqualTo(session.createdAt().plus(Duration.ofMinutes(5)));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void useIsWrittenDownOnceInAnInterval(Durability durability) {
    in(durability);
    String token = sessions.create("ann").token();
    Session created = sessions.get(token).orElseThrow();
    assertThat(sessions.touch(token).orElseThrow().expiresAt()).isEqualTo(created.expiresAt());
    age(30);
    assertThat(sessions.touch(token).orElseThrow().lastAccessedAt())
        .isEqualTo(created.lastAccessedAt().minusSeconds(30));
    age(30);
    Session touched = sessions.touch(token).orElseThrow();
    assertThat(touched.lastAccessedAt()).isAfter(created.lastAccessedAt().minusSeconds(60));
    assertThat(touched.expiresAt())
        .isEqualTo(touched.lastAccessedAt().plus(Duration.ofMinutes(30)));
    assertThat(sessions.get(token).orElseThrow().lastAccessedAt())
        .as("it was written")
        .isEqualTo(touched.lastAccessedAt());
    assertThat(sessions.touch(token).orElseThrow().lastAccessedAt())
        .isEqualTo(touched.lastAccessedAt());
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void sessionOfAShortIdleTimeLivesWhileItIsUsed(Durability durability) {
    in(durability);
    String token =
        sessions.create(SessionRequest.of("ann").withIdle(Duration.ofSeconds(30))).token();
    for (int use = 0; use < 10; use++) {
      age(20);
      assertThat(sessions.touch(token)).as("use %s", use).isPresent();
    }
    age(31);
    assertThat(sessions.touch(token)).isEmpty();
  }

  @Test
  void useIsWrittenDownEachTimeWhenTheIntervalIsZero() {
    sessions.configure(defaults().withTouchInterval(Duration.ZERO));
    String token = sessions.create("ann").token();
    Session first = sessions.touch(token).orElseThrow();
    assertThat(sessions.touch(token).orElseThrow().lastAccessedAt())
        .isAfter(first.lastAccessedAt());
  }

  @Test
  void readingIsNotUsing() {
    String token = sessions.create("ann").token();
    age(120);
    Session read = sessions.get(token).orElseThrow();
    assertThat(sessions.get(token).orElseThrow().lastAccessedAt()).isEqualTo(read.lastAccessedAt());
    assertThat(sessions.touch(token).orElseThrow().lastAccessedAt()).isAfter(read.lastAccessedAt());
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void attributesAreSetAndRemovedAsAWhole(Durability durability) {
    in(durability);
    String token =
        sessions
            .create(
                SessionRequest.of("ann")
                    .with("cart", Map.of("coupon", "x", "items", List.of(1)))
                    .with("theme", "dark"))
            .token();
    Map<String, Object> changes = new HashMap<>();
    changes.put("cart", Map.of("items", List.of()));
    changes.put("theme", null);
    changes.put("", "a name may be empty");
    assertThat(sessions.set(token, changes)).isTrue();
    assertThat(sql("SELECT data FROM $.session_get(?)", token))
        .containsExactly("{\"\": \"a name may be empty\", \"cart\": {\"items\": []}}");
    assertThat(sessions.set(token, "cart", null)).isTrue();
    assertThat(sessions.setJson(token, "{\"n\": {\"deep\": null}}")).isTrue();
    Session session = sessions.get(token).orElseThrow();
    assertThat(session.attributeNames()).containsExactlyInAnyOrder("", "n");
    assertThat(session.attribute("n", new TypeRef<Map<String, Object>>() {}).orElseThrow())
        .containsOnlyKeys("deep");
    assertThat(session.attributeJson("n")).contains("{\"deep\":null}");
    assertThat(session.attributeJson("cart")).isEmpty();
  }

  @Test
  void attributesOfARequestGoOnTopOfItsJson() {
    CreatedSession created =
        sessions.create(
            SessionRequest.of("ann").withJson("{\"a\": 1, \"b\": 1}").with("b", 2).with("c", 3));
    assertThat(sql("SELECT data FROM $.session_get(?)", created.token()))
        .containsExactly("{\"a\": 1, \"b\": 2, \"c\": 3}");
  }

  @Test
  void undecodableAttributeIsSetAsideAndReported() {
    String token =
        sessions.create(SessionRequest.of("ann").with("cart", "a text").with("n", 1)).token();
    List<UndecodableAttribute> reported = new ArrayList<>();
    Session session = sessions.reportingTo(reported::add).touch(token).orElseThrow();
    assertThat(session.attribute("cart", Cart.class)).isEmpty();
    assertThat(session.attribute("n", Integer.class)).contains(1);
    assertThat(reported).hasSize(1);
    assertThat(reported.get(0).name()).isEqualTo("cart");
    assertThat(reported.get(0).handle()).isEqualTo(session.handle());
    assertThat(reported.get(0).type()).isEqualTo(Cart.class.getName());
    // It is as it was, for a program that can read it.
    assertThat(sessions.get(token).orElseThrow().attribute("cart", String.class))
        .contains("a text");
  }

  /** What a class or a deserializer of the application's throws is as good as malformed JSON. */
  @Test
  void attributeWhoseClassFailsIsSetAsideAndReported() {
    String token =
        sessions.create(SessionRequest.of("ann").with("self", "x").with("own", "x")).token();
    List<UndecodableAttribute> reported = new ArrayList<>();
    Session session = sessions.reportingTo(reported::add).touch(token).orElseThrow();
    assertThat(session.attribute("self", Refusing.class)).isEmpty();
    assertThat(session.attribute("own", Custom.class)).isEmpty();
    assertThat(session.attribute("own", new TypeRef<List<Custom>>() {})).isEmpty();
    assertThat(reported)
        .extracting(UndecodableAttribute::name)
        .containsExactly("self", "own", "own");
  }

  record Refusing(String text) {
    @JsonCreator
    Refusing {
      throw new IllegalArgumentException("never");
    }
  }

  @JsonDeserialize(using = CustomDeserializer.class)
  record Custom(String text) {}

  static final class CustomDeserializer extends ValueDeserializer<Custom> {
    @Override
    public Custom deserialize(JsonParser parser, DeserializationContext context) {
      throw new IllegalStateException("an application's own");
    }
  }

  @Test
  void dataThatJacksonDoesNotReadFailNoRequest() {
    String token =
        sql("SELECT $.session_create('ann', ('{\"n\": ' || repeat('9', 5000) || '}')::jsonb)")
            .get(0);
    List<UndecodableAttribute> reported = new ArrayList<>();
    Session session =
        sessions
            .reportingTo(attribute -> {
              reported.add(attribute);
              throw new IllegalStateException("a listener that fails");
            })
            .touch(token)
            .orElseThrow();
    assertThat(session.attribute("n", String.class)).isEmpty();
    assertThat(session.attributeNames()).isEmpty();
    assertThat(reported).hasSize(1);
    assertThat(session.json()).contains("9".repeat(5000));
    assertThat(sessions.set(token, "n", null)).isTrue();
    assertThat(sessions.set(token, "ok", true)).isTrue();
    assertThat(sessions.touch(token).orElseThrow().attribute("ok", Boolean.class)).contains(true);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void rotatedTokenOpensTheSameSessionAndTheOldOneNothing(Durability durability) {
    in(durability);
    CreatedSession created = sessions.create(SessionRequest.of("ann").with("a", 1));
    String fresh = sessions.rotate(created.token()).orElseThrow();
    assertThat(fresh).isNotEqualTo(created.token());
    assertThat(sessions.touch(created.token())).isEmpty();
    Session session = sessions.touch(fresh).orElseThrow();
    assertThat(session.handle()).isEqualTo(created.session().handle());
    assertThat(session.attribute("a", Integer.class)).contains(1);
    assertThat(sessions.rotate(created.token())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void anonymousSessionGetsItsUserAtALogin(Durability durability) {
    in(durability);
    String token = sessions.create(SessionRequest.anonymous().with("cart", 1)).token();
    assertThat(sessions.get(token).orElseThrow().userId()).isEmpty();
    String fresh = sessions.rotate(token, "ann").orElseThrow();
    assertThat(sessions.get(token)).isEmpty();
    assertThat(sessions.get(fresh).orElseThrow().userId()).contains("ann");
    assertThat(sessions.get(fresh).orElseThrow().attribute("cart", Integer.class)).contains(1);
    assertThat(sessions.count("ann")).isEqualTo(1);
    String again = sessions.rotate(fresh, "ann").orElseThrow();
    assertThatThrownBy(() -> sessions.rotate(again, "bob"))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class, e -> assertThat(e.argument()).isEqualTo("user_id"));
    assertThat(sessions.get(again).orElseThrow().userId()).contains("ann");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void sessionsOfAUserAreListedAndRevoked(Durability durability) {
    in(durability);
    List<CreatedSession> anns = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      anns.add(sessions.create("ann"));
    }
    CreatedSession bob = sessions.create("bob");
    age(120);
    assertThat(sessions.touch(anns.get(2).token())).isPresent();
    List<Session> listed = sessions.list("ann");
    assertThat(listed.get(0).handle()).isEqualTo(anns.get(2).session().handle());
    assertThat(listed)
        .extracting(Session::handle)
        .containsExactlyInAnyOrderElementsOf(
            anns.stream().map(created -> created.session().handle()).toList());
    assertThat(sessions.count("ann")).isEqualTo(4);
    assertThat(sessions.count()).isEqualTo(5);

    UUID first = anns.get(0).session().handle();
    assertThat(sessions.revokeHandle("bob", first)).as("of another user").isFalse();
    assertThat(sessions.revokeHandle("ann", first)).isTrue();
    assertThat(sessions.revokeHandle("ann", first)).isFalse();
    assertThat(sessions.get(anns.get(0).token())).isEmpty();
    assertThat(sessions.revokeOthers("ann", anns.get(1).token())).isEqualTo(2);
    assertThat(sessions.list("ann"))
        .extracting(Session::handle)
        .containsExactly(anns.get(1).session().handle());
    assertThat(sessions.revokeUser("ann")).isEqualTo(1);
    assertThat(sessions.revokeUser("ann")).isZero();
    assertThat(sessions.get(bob.token())).isPresent();
  }

  @Test
  void sqlRevokesAsJavaDoes() {
    String one = sessions.create("ann").token();
    String two = sessions.create("ann").token();
    UUID three = sessions.create("ann").session().handle();
    assertThat(sql("SELECT $.session_revoke_handle('ann', ?)", three)).containsExactly("t");
    assertThat(sql("SELECT $.session_revoke_user('ann', ?)", two)).containsExactly("1");
    assertThat(sessions.get(one)).isEmpty();
    assertThat(sql("SELECT $.session_revoke_user('ann')")).containsExactly("1");
    assertThat(sql("SELECT $.session_count('ann')")).containsExactly("0");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void sessionsAreFoundByWhatTheyHold(Durability durability) {
    in(durability);
    for (int i = 0; i < 20; i++) {
      var unused =
          sessions.create(
              SessionRequest.of("user-" + i).with("tenant", Map.of("id", i % 2, "name", "t")));
    }
    assertThat(sessions.find("{\"tenant\": {\"id\": 1}}", 100)).hasSize(10);
    assertThat(sessions.find("{\"tenant\": {\"id\": 1}}", 3)).hasSize(3);
    assertThat(sessions.find("{\"tenant\": {\"id\": 2}}", 100)).isEmpty();
    assertThat(sql("SELECT count(*) FROM $.session_find('{\"tenant\": {\"id\": 0}}')"))
        .containsExactly("10");
  }

  @Test
  void indexThatSomebodyMakesIsUsedByFind() throws Exception {
    sql("CREATE INDEX session_by_data ON $.session_durable USING gin (data jsonb_path_ops)");
    execute(
        "INSERT INTO $.session_durable SELECT now(), now(), now() + interval '1 h', now() +"
            + " interval '1 h', interval '1 h', gen_random_uuid(), sha256(i::text::bytea), 'u',"
            + " NULL, NULL, jsonb_build_object('n', i) FROM generate_series(1, 20000) AS i");
    execute("ANALYZE $.session_durable");
    try (java.sql.Connection connection = connect()) {
      String scans =
          "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelid ="
              + " '$.session_by_data'::regclass";
      int before = Integer.parseInt(sql(connection, scans).get(0));
      assertThat(sql(connection, "SELECT data FROM $.session_find('{\"n\": 77}')"))
          .containsExactly("{\"n\": 77}");
      assertThat(sql(connection, "SELECT pg_stat_force_next_flush()")).hasSize(1);
      assertThat(Integer.parseInt(sql(connection, scans).get(0))).isEqualTo(before + 1);
    } finally {
      execute("DROP INDEX $.session_by_data");
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void oldestSessionGivesWayAtTheBound(Durability durability) {
    sessions.configure(defaults().withDurability(durability).withMaxPerUser(3, OnFull.EVICT));
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      tokens.add(sessions.create("ann").token());
      age(61);
    }
    assertThat(sessions.touch(tokens.get(0))).isPresent();
    String fourth = sessions.create("ann").token();
    assertThat(sessions.get(tokens.get(1))).as("not used for longest").isEmpty();
    assertThat(sessions.get(tokens.get(0))).isPresent();
    assertThat(sessions.get(tokens.get(2))).isPresent();
    assertThat(sessions.get(fourth)).isPresent();
    assertThat(sessions.create("bob").session().userId()).contains("bob");
    for (int i = 0; i < 5; i++) {
      assertThat(sessions.create(SessionRequest.anonymous()).token()).isNotEmpty();
    }
    assertThat(sessions.count("ann")).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void newSessionIsRefusedAtABoundThatRefuses(Durability durability) {
    sessions.configure(defaults().withDurability(durability).withMaxPerUser(2, OnFull.REFUSE));
    String first = sessions.create("ann").token();
    var unused = sessions.create("ann");
    assertThat(sessions.tryCreate(SessionRequest.of("ann"))).isEmpty();
    assertThatThrownBy(() -> sessions.create("ann"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SESSION_LIMIT));
    assertThat(sql("SELECT $.session_create('ann')")).containsExactly((String) null);
    String anonymous = sessions.create(SessionRequest.anonymous()).token();
    for (ThrowingCallable login :
        List.<ThrowingCallable>of(
            () -> sessions.rotate(anonymous, "ann"),
            () ->
                howdah.transaction(
                    tx -> assertThat(tx.sessions().rotate(anonymous, "ann")).isNotNull()))) {
      assertThatThrownBy(login)
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SESSION_LIMIT));
    }
    assertThat(sessions.async().rotate(anonymous, "ann"))
        .failsWithin(Duration.ofSeconds(30))
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("as many sessions as he may");
    assertThat(sql("SELECT $.session_rotate(?, 'ann')", anonymous)).containsExactly((String) null);
    assertThat(sessions.get(anonymous)).as("it stays as it was").isPresent();
    assertThat(sessions.rotate(first, "ann")).as("it counts already").isPresent();
    age(30 * 60);
    assertThat(sessions.tryCreate(SessionRequest.of("ann")))
        .as("dead ones do not count")
        .isPresent();
  }

  @Test
  void loweredBoundIsKeptAtTheNextLogin() {
    for (int i = 0; i < 6; i++) {
      var unused = sessions.create("ann");
    }
    sessions.configure(defaults().withMaxPerUser(2, OnFull.EVICT));
    assertThat(sessions.count("ann")).isEqualTo(6);
    String last = sessions.create("ann").token();
    assertThat(sessions.count("ann")).isEqualTo(2);
    assertThat(sessions.get(last)).isPresent();
  }

  @Test
  void settingsAreThoseThatWereGiven() {
    assertThat(sessions.settings()).isEqualTo(defaults());
    SessionSettings settings =
        new SessionSettings(
            Durability.DURABLE,
            Duration.ofMinutes(10),
            Duration.ofDays(2),
            Duration.ofSeconds(5),
            7,
            OnFull.REFUSE,
            Duration.ofDays(3));
    assertThat(sessions.configure(settings)).isTrue();
    assertThat(sessions.configure(settings)).isFalse();
    assertThat(sessions.settings()).isEqualTo(settings);
    assertThat(sql("SELECT $.session_configure(idle => '20 minutes', keep_events => '0')"))
        .containsExactly("t");
    assertThat(
            sessions.configure(
                new SessionSettingsChange(null, null, null, Duration.ZERO, 0, null, null)))
        .isTrue();
    assertThat(
            sessions.configure(new SessionSettingsChange(null, null, null, null, null, null, null)))
        .isFalse();
    assertThat(sessions.settings())
        .isEqualTo(
            new SessionSettings(
                Durability.DURABLE,
                Duration.ofMinutes(20),
                Duration.ofDays(2),
                Duration.ZERO,
                null,
                OnFull.REFUSE,
                null));
  }

  @Test
  void sessionsKeepTheTimesThatTheyWereCreatedWith() {
    String token = sessions.create("ann").token();
    sessions.configure(defaults().withIdle(Duration.ofMinutes(5)));
    age(60);
    Session session = sessions.touch(token).orElseThrow();
    assertThat(session.expiresAt())
        .isEqualTo(session.lastAccessedAt().plus(Duration.ofMinutes(30)));
  }

  @Test
  void tokensAreShownNowhere() {
    CreatedSession created = sessions.create("ann");
    assertThat(created.toString()).doesNotContain(created.token());
    assertThatThrownBy(() -> sessions.get(created.token() + "x"))
        .satisfies(e -> assertThat(e.toString()).doesNotContain(created.token()));
  }

  @Test
  void asynchronousCallsTakeEffectInTheirOrder() {
    AsyncSessions async = sessions.async();
    String token = async.create(SessionRequest.of("ann")).toCompletableFuture().join().token();
    for (int i = 0; i < 50; i++) {
      var unused = async.set(token, Map.of("n", i));
      assertThat(
              async
                  .get(token)
                  .toCompletableFuture()
                  .join()
                  .flatMap(s -> s.attribute("n", Integer.class)))
          .contains(i);
    }
    assertThat(async.list("ann").toCompletableFuture().join()).hasSize(1);
    assertThat(async.count("ann").toCompletableFuture().join()).isEqualTo(1);
    assertThat(async.find("{\"n\": 49}", 5).toCompletableFuture().join()).hasSize(1);
    String fresh = async.rotate(token).toCompletableFuture().join().orElseThrow();
    Optional<Session> touched = async.touch(fresh).toCompletableFuture().join();
    assertThat(touched).isPresent();
    assertThat(async.revokeHandle("ann", touched.get().handle()).toCompletableFuture().join())
        .isTrue();
    assertThat(async.revokeUser("ann").toCompletableFuture().join()).isZero();
    assertThat(async.revoke(fresh).toCompletableFuture().join()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void changeIsAllOfItAtOnce(Durability durability) {
    in(durability);
    String token = sessions.create(SessionRequest.anonymous().with("a", 1).with("b", 2)).token();
    String fresh = Sessions.newToken();
    SessionChange change =
        SessionChange.none()
            .rotatedTo(fresh)
            .assignedTo("ann")
            .withIdle(Duration.ofHours(1))
            .withPatch("{\"a\": null, \"c\": 3}");
    assertThat(sessions.change(token, change)).isTrue();
    assertThat(sessions.get(token)).isEmpty();
    Session changed = sessions.get(fresh).orElseThrow();
    assertThat(changed.userId()).contains("ann");
    assertThat(changed.attributeNames()).containsExactlyInAnyOrder("b", "c");
    assertThat(changed.expiresAt())
        .isCloseTo(changed.createdAt().plus(Duration.ofHours(1)), A_MINUTE);
    assertThat(sessions.change(token, change)).as("the token is gone").isFalse();
    assertThat(change.toString()).doesNotContain(fresh);
  }

  @Test
  void sessionIsGivenToAnotherUserAndToNobody() {
    String token = sessions.create("ann").token();
    assertThat(sessions.change(token, SessionChange.none().assignedTo("bob"))).isTrue();
    assertThat(sessions.list("ann")).isEmpty();
    assertThat(sessions.list("bob")).hasSize(1);
    assertThat(sessions.change(token, SessionChange.none().assignedTo(null))).isTrue();
    assertThat(sessions.get(token).orElseThrow().userId()).isEmpty();
    assertThat(sessions.async().change(token, SessionChange.none()).toCompletableFuture().join())
        .isTrue();
  }

  @Test
  void assignmentKeepsTheBoundOfTheUser() {
    sessions.configure(defaults().withMaxPerUser(1, OnFull.REFUSE));
    String first = sessions.create("ann").token();
    String second = sessions.create(SessionRequest.anonymous()).token();
    SessionChange toAnn = SessionChange.none().assignedTo("ann").withPatch("{\"a\": 1}");
    assertThatThrownBy(() -> sessions.change(second, toAnn))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SESSION_LIMIT));
    assertThat(sessions.get(second).orElseThrow().attributeNames()).isEmpty();
    assertThat(sessions.change(first, toAnn)).as("it is hers already").isTrue();
    sessions.configure(defaults().withMaxPerUser(1, OnFull.EVICT));
    assertThat(sessions.change(second, toAnn)).isTrue();
    assertThat(sessions.get(first)).isEmpty();
    assertThat(sessions.count("ann")).isEqualTo(1);
    assertThat(sessions.change(first, toAnn)).isFalse();
  }

  @Test
  void idleTimeStaysWithinTheLifetime() {
    CreatedSession created =
        sessions.create(SessionRequest.of("ann").withLifetime(Duration.ofHours(2)));
    sessions.change(created.token(), SessionChange.none().withIdle(Duration.ofDays(3)));
    assertThat(sessions.get(created.token()).orElseThrow().expiresAt())
        .isEqualTo(created.session().createdAt().plus(Duration.ofHours(2)));
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void sessionIsReadAndChangedByTheHandleOfTheUsersOwnOne(Durability durability) {
    in(durability);
    CreatedSession created = sessions.create("ann");
    UUID handle = created.session().handle();
    SessionChange ends = SessionChange.none().withPatch("{\"ended\": true}");
    SessionChange goesOn = SessionChange.none().withPatch("{\"ended\": null}");
    assertThat(sessions.changeHandle("ann", handle, ends)).isTrue();
    assertThat(sessions.get(created.token()).orElseThrow().attributeNames())
        .containsExactly("ended");
    assertThat(sessions.getHandle("ann", handle).orElseThrow().attributeNames())
        .containsExactly("ended");
    assertThat(sessions.getHandle("bob", handle)).isEmpty();
    assertThat(sessions.changeHandle("bob", handle, goesOn)).isFalse();
    AsyncSessions async = sessions.async();
    assertThat(async.changeHandle("ann", handle, goesOn).toCompletableFuture().join()).isTrue();
    assertThat(async.changeHandle("bob", handle, ends).toCompletableFuture().join()).isFalse();
    assertThat(async.getHandle("ann", handle).toCompletableFuture().join().orElseThrow().json())
        .isEqualTo("{}");
    assertThat(async.getHandle("bob", handle).toCompletableFuture().join()).isEmpty();
    String fresh = Sessions.newToken();
    assertThat(sessions.changeHandle("ann", handle, SessionChange.none().rotatedTo(fresh)))
        .isTrue();
    assertThat(sessions.get(created.token())).isEmpty();
    assertThat(sessions.get(fresh)).isPresent();
    sessions.revoke(fresh);
    assertThat(sessions.getHandle("ann", handle)).isEmpty();
    assertThat(sessions.changeHandle("ann", handle, ends)).isFalse();
  }

  @Test
  void changesOutsideTheirLimitsAreRefused() {
    String token = sessions.create("ann").token();
    assertThatThrownBy(() -> SessionChange.none().withPatch("[1]"))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> SessionChange.none().withIdle(Duration.ZERO))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> SessionChange.none().assignedTo(""))
        .isInstanceOf(InvalidArgumentException.class);
    assertThatThrownBy(() -> sessions.change(token, SessionChange.none().rotatedTo("short")))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageStartingWith("newToken");
    assertThatThrownBy(() -> sessions.changeHandle("", new UUID(1, 1), SessionChange.none()))
        .isInstanceOf(InvalidArgumentException.class);
  }

  @Test
  void sqlAssignsAndSetsTheIdleTimeAndByHandle() {
    CreatedSession created = sessions.create("ann");
    String token = created.token();
    assertThat(sql("SELECT $.session_assign(?, 'bob')", token)).containsExactly("t");
    assertThat(sql("SELECT $.session_set_idle(?, '1 hour')", token)).containsExactly("t");
    assertThat(
            sql("SELECT $.session_set_handle('bob', ?, '{\"a\": 1}')", created.session().handle()))
        .containsExactly("t");
    Session session = sessions.get(token).orElseThrow();
    assertThat(session.userId()).contains("bob");
    assertThat(session.attributeNames()).containsExactly("a");
    assertThat(session.expiresAt())
        .isCloseTo(session.createdAt().plus(Duration.ofHours(1)), A_MINUTE);
  }
}
