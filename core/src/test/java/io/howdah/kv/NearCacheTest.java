package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.engine.Listener;
import io.howdah.near.NearSettings;
import io.howdah.stats.NearStats;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TcpProxy;
import io.howdah.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a near cache keeps, for how long, and what takes it away. */
@Timeout(120)
class NearCacheTest extends HowdahTest {
  /** So long that what is seen earlier was notified. */
  private static final NearSettings LONG =
      NearSettings.defaults().withMaxStaleness(Duration.ofMinutes(10));

  private KeyValueStore<Integer> pushed(String name, Durability durability) {
    howdah.namespaces().create(name, durability);
    howdah.namespaces().notifyChanges(name, true);
    KeyValueStore<Integer> store = howdah.kv(name, Integer.class).near(LONG);
    Eventually.holds("it is told of changes", () -> stats(howdah, name).isPushed());
    return store;
  }

  private KeyValueStore<Integer> pushed(String name) {
    return pushed(name, Durability.EPHEMERAL);
  }

  private static NearStats stats(Howdah howdah, String name) {
    return howdah.stats().nearCaches().stream()
        .filter(near -> near.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Past the functions, so that nobody is told. */
  private void changeSecretly(String name, String key, int value) {
    for (String table : List.of("kv_ephemeral", "kv_durable", "kv_document")) {
      assertThat(
              sql(
                  "UPDATE $."
                      + table
                      + " SET value = to_jsonb(?::int), version = version + 1 WHERE namespace = ? AND key = ?",
                  value,
                  name,
                  key))
          .isEmpty();
    }
  }

  private Howdah another() {
    return TestPostgres.builder().schema(schema).sweeper(false).open();
  }

  @ParameterizedTest
  @EnumSource
  void secondReadIsAnsweredHere(Durability durability) {
    String name = "hit " + durability;
    KeyValueStore<Integer> store = pushed(name, durability);
    store.set("k", 1);
    // Its own notification takes away what is kept.
    awaitHeard();
    assertThat(store.get("k")).contains(1);
    changeSecretly(name, "k", 2);
    assertThat(store.get("k")).contains(1);
    assertThat(store.async().get("k").toCompletableFuture().join()).contains(1);
    assertThat(store.getAll(List.of("k", "absent"))).isEqualTo(Map.of("k", 1));
    assertThat(howdah.kv(name, Long.class).get("k")).as("another store").contains(1L);
    assertThat(store.getEntry("k").orElseThrow().value()).as("getEntry asks").isEqualTo(2);
    assertThat(store.get("k")).as("what was seen is not forgotten").contains(2);
  }

  @ParameterizedTest
  @EnumSource
  void changeByAnotherProcessIsSeen(Durability durability) {
    KeyValueStore<Integer> store = pushed("other " + durability, durability);
    try (Howdah another = another()) {
      KeyValueStore<Integer> theirs = another.kv(store.namespace(), Integer.class);
      for (int i = 1; i < 20; i++) {
        int value = i;
        theirs.set("k", value);
        Eventually.holds("the new value is seen", () -> store.get("k").equals(Optional.of(value)));
      }
      theirs.delete("k");
      Eventually.holds("it is gone", () -> store.get("k").isEmpty());
      theirs.setAll(Map.of("k", 7, "l", 8));
      Eventually.holds("it is there again", () -> store.get("k").equals(Optional.of(7)));
    }
  }

  @Test
  void changeBySqlAloneIsSeen() {
    KeyValueStore<Integer> store = pushed("sql");
    for (int i = 1; i < 10; i++) {
      int value = i;
      assertThat(sql("SELECT $.kv_set('sql', 'k', to_jsonb(?::int))", value)).hasSize(1);
      Eventually.holds("the new value is seen", () -> store.get("k").equals(Optional.of(value)));
    }
    assertThat(sql("SELECT $.namespace_clear('sql')")).containsExactly("1");
    Eventually.holds("it is gone", () -> store.get("k").isEmpty());
  }

  @Test
  void ownWritesAreSeenAtOnce() {
    KeyValueStore<Integer> store = pushed("own");
    for (int i = 1; i < 200; i++) {
      store.set("k", i);
      assertThat(store.get("k")).contains(i);
      store.increment("k", 1_000);
      assertThat(store.get("k")).contains(i + 1_000);
      store.async().set("k", -i, null).toCompletableFuture().join();
      assertThat(store.get("k")).contains(-i);
      var unused = store.async().set("k", i, null);
      assertThat(store.get("k")).as("in the order of the calls").contains(i);
      store.setAll(Map.of("k", 5));
      assertThat(store.get("k")).contains(5);
      assertThat(store.take("k")).contains(5);
      assertThat(store.get("k")).isEmpty();
      store.set("k", i);
      assertThat(store.get("k")).contains(i);
      store.deleteAll(List.of("k"));
      assertThat(store.get("k")).isEmpty();
    }
  }

  @Test
  void emptyingTheNamespaceIsSeenAtOnce() {
    KeyValueStore<Integer> store = pushed("emptied");
    for (int i = 1; i < 20; i++) {
      store.set("k", i);
      assertThat(store.get("k")).contains(i);
      howdah.namespaces().clear("emptied");
      assertThat(store.get("k")).isEmpty();
    }
  }

  @Test
  void writesOfAJoinedTransactionAreSeenWhenItHasCommitted() throws SQLException {
    KeyValueStore<Integer> store = pushed("joined");
    store.set("k", 0);
    for (int i = 1; i < 20; i++) {
      int value = i;
      assertThat(store.get("k")).contains(i - 1);
      howdah.transaction(tx -> {
        tx.kv("joined", Integer.class).near(LONG).set("k", value);
        assertThat(store.get("k")).as("not committed").contains(value - 1);
        assertThat(tx.kv("joined", Integer.class).get("k")).contains(value);
      });
      assertThat(store.get("k")).contains(i);
    }
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(howdah.on(connection).kv("joined", Integer.class).take("k")).contains(19);
      assertThat(store.get("k")).contains(19);
      connection.commit();
    }
    Eventually.holds("it is gone", () -> store.get("k").isEmpty());
  }

  /** Nothing is heard here: what it does not know by itself it does not know. */
  private Howdah deaf() {
    return TestPostgres.builder().schema(schema).sweeper(false).listen(false).open();
  }

  @Test
  void manyWritesOfATransactionAreSeenWhenItHasCommitted() {
    Map<String, Integer> values = new HashMap<>();
    for (int i = 0; i < 10_100; i++) {
      values.put("k" + i, 2);
    }
    try (Howdah deaf = deaf()) {
      KeyValueStore<Integer> store = deaf.kv("large", Integer.class).near(LONG);
      List<String> some = List.of("k1", "k5000", "k10099");
      store.set("other", 1);
      some.forEach(key -> store.set(key, 1));
      deaf.transaction(tx -> {
        tx.kv("large", Integer.class).setAll(values);
        // The last of all keys, whatever the order of the others.
        tx.kv("large", Integer.class).set("other", 2);
        assertThat(store.get("other")).as("not committed").contains(1);
        some.forEach(key -> assertThat(store.get(key)).as("not committed").contains(1));
      });
      assertThat(store.get("other")).contains(2);
      some.forEach(key -> assertThat(store.get(key)).contains(2));
    }
  }

  @Test
  void writesOfATransactionAreSeenInACacheThatWasOpenedMeanwhile() {
    try (Howdah deaf = deaf()) {
      KeyValueStore<Integer> store = deaf.kv("meanwhile", Integer.class);
      store.set("k", 1);
      deaf.transaction(tx -> {
        tx.kv("meanwhile", Integer.class).set("k", 2);
        assertThat(store.near(LONG).get("k")).as("not committed").contains(1);
      });
      assertThat(store.get("k")).contains(2);
    }
  }

  @Test
  void whatWasSeenToBeAbsentIsNotGiven() throws Exception {
    try (Howdah deaf = deaf()) {
      KeyValueStore<Integer> store = deaf.kv("absent", Integer.class).near(LONG);
      for (boolean async : List.of(true, false)) {
        store.set("k", 1);
        assertThat(store.get("k")).contains(1);
        assertThat(store.exists("k")).isTrue();
        assertThat(sql("SELECT $.kv_delete('absent', 'k')")).containsExactly("t");
        assertThat(store.get("k")).as("nothing told it").contains(1);
        boolean there =
            async ? store.async().exists("k").toCompletableFuture().join() : store.exists("k");
        assertThat(there).isFalse();
        assertThat(store.get("k")).isEmpty();
      }
    }
  }

  @Test
  void whatAJoinedReadHasSeenIsNotForgotten() throws SQLException {
    KeyValueStore<Integer> store = pushed("joined read");
    store.set("k", 1);
    assertThat(store.get("k")).contains(1);
    changeSecretly("joined read", "k", 2);
    try (Connection connection = connect()) {
      assertThat(howdah.on(connection).kv("joined read", Integer.class).get("k")).contains(2);
    }
    assertThat(store.get("k")).contains(2);
  }

  @Test
  void whatOtherReadsHaveSeenIsNotForgotten() {
    KeyValueStore<Integer> store = pushed("scan");
    int value = 1;
    store.set("k", value);
    for (Runnable read :
        List.<Runnable>of(
            () -> assertThat(store.scan("")).hasSize(1),
            () -> assertThat(store.scan("", "", 10)).hasSize(1),
            () -> assertThat(store.getEntry("k")).isPresent(),
            () ->
                assertThat(store.async().getEntry("k").toCompletableFuture().join()).isPresent())) {
      assertThat(store.get("k")).contains(value);
      changeSecretly("scan", "k", ++value);
      read.run();
      assertThat(store.get("k")).contains(value);
    }
  }

  @Test
  void valueIsGoneWhenItEnds() {
    KeyValueStore<Integer> store = pushed("ends");
    store.set("k", 1, Duration.ofSeconds(3));
    assertThat(store.get("k")).contains(1);
    Eventually.holds("it has ended", () -> store.get("k").isEmpty());
    store.set("k", 2, Duration.ofHours(1));
    assertThat(store.get("k")).contains(2);
    try (Howdah another = another()) {
      another.kv("ends", Integer.class).expire("k", Duration.ofMillis(1));
    }
    Eventually.holds("it has ended earlier", () -> store.get("k").isEmpty());
  }

  @Test
  void withoutNotificationsValuesLiveAsLongAsTheSettingsSay() {
    howdah.kv("quiet", Integer.class).set("k", 1);
    try (Howdah polling = another()) {
      KeyValueStore<Integer> patient = polling.kv("quiet", Integer.class).near(LONG);
      KeyValueStore<Integer> hasty =
          howdah.kv("quiet", Integer.class).near(LONG.withMaxStaleness(Duration.ofMillis(300)));
      // Its first connection has it forget everything.
      Eventually.holds(
          "it listens", () -> polling.stats().listening().state() == Listener.State.PUSH);
      assertThat(patient.get("k")).contains(1);
      assertThat(hasty.get("k")).contains(1);
      assertThat(sql("SELECT $.kv_set('quiet', 'k', '2')")).hasSize(1);
      Eventually.holds("too old", () -> hasty.get("k").equals(Optional.of(2)));
      assertThat(patient.get("k")).contains(1);
      assertThat(stats(polling, "quiet").isPushed()).isFalse();
    }
  }

  @Test
  void withoutListeningValuesLiveAsLongAsTheSettingsSay() {
    howdah.namespaces().notifyChanges("deaf", true);
    try (Howdah deaf =
        TestPostgres.builder()
            .schema(schema)
            .sweeper(false)
            .listen(false)
            .pollInterval(Duration.ofMillis(100))
            .open()) {
      KeyValueStore<Integer> store =
          deaf.kv("deaf", Integer.class)
              .near(NearSettings.defaults().withMaxStaleness(Duration.ofMillis(300)));
      howdah.kv("deaf", Integer.class).set("k", 1);
      assertThat(store.get("k")).contains(1);
      howdah.kv("deaf", Integer.class).set("k", 2);
      Eventually.holds("too old", () -> store.get("k").equals(Optional.of(2)));
      assertThat(deaf.stats().listening().state()).isEqualTo(Listener.State.POLLING);
      assertThat(deaf.stats().listening().connections()).isZero();
      assertThat(deaf.health().degraded())
          .doesNotContainKey(io.howdah.stats.Health.Reason.LISTENING);
    }
  }

  @Test
  void whatWasNotifiedWhileTheConnectionWasDownIsNotMissed() throws Exception {
    KeyValueStore<Integer> theirs = pushed("lost");
    theirs.set("k", 1);
    try (TcpProxy proxy = new TcpProxy(TestPostgres.port());
        Howdah process =
            TestPostgres.builder()
                .schema(schema)
                .sweeper(false)
                .listenUrl(TestPostgres.urlAt(proxy.port()))
                .open()) {
      KeyValueStore<Integer> store = process.kv("lost", Integer.class).near(LONG);
      Eventually.holds("it is told of changes", () -> stats(process, "lost").isPushed());
      assertThat(store.get("k")).contains(1);
      proxy.stall();
      theirs.set("k", 2);
      assertThat(store.get("k")).as("not heard yet").contains(1);
      proxy.cut();
      proxy.goOn();
      Eventually.holds(
          "it is connected again", () -> process.stats().listening().connections() > 1);
      Eventually.holds("it is told of changes", () -> stats(process, "lost").isPushed());
      assertThat(store.get("k")).contains(2);
    }
  }

  @Test
  void switchingNotificationsOffIsNoticed() {
    String name = "switched";
    howdah.namespaces().notifyChanges(name, true);
    KeyValueStore<Integer> store =
        howdah.kv(name, Integer.class).near(LONG.withMaxStaleness(Duration.ofMillis(200)));
    Eventually.holds("it is told of changes", () -> stats(howdah, name).isPushed());
    try (Howdah another = another()) {
      another.namespaces().notifyChanges(name, false);
    }
    Eventually.holds("it knows", () -> !stats(howdah, name).isPushed());
    store.set("k", 1);
    assertThat(store.get("k")).contains(1);
    assertThat(sql("SELECT $.kv_set(?, 'k', '2')", name)).hasSize(1);
    Eventually.holds("too old", () -> store.get("k").equals(Optional.of(2)));
    howdah.namespaces().notifyChanges(name, true);
    Eventually.holds("it knows", () -> stats(howdah, name).isPushed());
  }

  @Test
  void manyKeysKeepToTheBound() {
    String name = "bounded";
    KeyValueStore<Integer> store = howdah.kv(name, Integer.class).near(LONG.withMaxEntries(100));
    for (int i = 0; i < 1_000; i++) {
      store.set("k" + i, i);
      assertThat(store.get("k" + i)).contains(i);
    }
    Eventually.holds("no more are kept", () -> stats(howdah, name).entries() <= 100);
  }

  @Test
  void largeValuesAreReadEachTime() {
    KeyValueStore<String> store = howdah.kv("large", String.class).near(LONG);
    store.set("k", "x".repeat(70_000));
    assertThat(store.get("k")).isPresent();
    assertThat(store.get("k")).isPresent();
    assertThat(stats(howdah, "large").hits()).isZero();
  }

  @Test
  void bytesAreKeptAndTheWrongKindIsStillAnError() {
    KeyValueStore<byte[]> store = howdah.kv("bytes", byte[].class).near(LONG);
    store.set("k", new byte[] {1, 2});
    assertThat(store.get("k")).hasValueSatisfying(v -> assertThat(v).containsExactly(1, 2));
    assertThat(store.get("k")).hasValueSatisfying(v -> assertThat(v).containsExactly(1, 2));
    assertThat(stats(howdah, "bytes").hits()).isEqualTo(1);
    assertThatThrownBy(() -> howdah.kv("bytes", Integer.class).get("k"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_KIND));
  }

  @Test
  void whatACallerDoesToAValueIsItsOwn() {
    KeyValueStore<int[]> store = howdah.kv("mutable", int[].class).near(LONG);
    store.set("k", new int[] {1});
    store.get("k").orElseThrow()[0] = 2;
    assertThat(store.get("k").orElseThrow()).containsExactly(1);
  }

  @Test
  void otherSettingsAreRefused() {
    KeyValueStore<Integer> store = howdah.kv("settings", Integer.class).near(LONG);
    assertThat(store.near(LONG)).isSameAs(store);
    assertThatThrownBy(() -> store.near(NearSettings.defaults()))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("settings: the near cache of 'settings' has");
    assertThatThrownBy(() -> LONG.withMaxEntries(0))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("maxEntries: 1 to 10000000 expected, got 0");
    assertThatThrownBy(() -> LONG.withMaxStaleness(Duration.ZERO))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("maxStaleness: PT0.001S to PT10M expected, got PT0S");
  }

  @Test
  void nothingIsGivenAfterTheEnd() {
    Howdah closed = another();
    KeyValueStore<Integer> store = closed.kv("closed", Integer.class).near(LONG);
    store.set("k", 1);
    assertThat(store.get("k")).contains(1);
    closed.close();
    assertThatThrownBy(() -> store.get("k"))
        .isInstanceOfSatisfying(
            HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void asyncReadsWaitForNothingWhenTheValueIsHere() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("async", Integer.class).near(LONG);
    store.set("k", 1);
    assertThat(store.async().get("k").toCompletableFuture().get(10, TimeUnit.SECONDS)).contains(1);
    assertThat(store.async().get("k").toCompletableFuture().isDone()).isTrue();
    assertThat(stats(howdah, "async").hits()).isEqualTo(1);
  }
}
