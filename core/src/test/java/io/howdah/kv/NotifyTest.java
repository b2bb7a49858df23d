package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** What a namespace that asks for it notifies, and what it does not. */
class NotifyTest extends HowdahTest {
  private Connection listening;

  @BeforeAll
  void listen() throws SQLException {
    listening = connect();
    try (var statement = listening.createStatement()) {
      statement.execute("LISTEN \"" + schema + ".kv\"");
    }
  }

  @AfterAll
  void stopListening() throws SQLException {
    listening.close();
  }

  /** All that was notified up to now: its own notification comes last. */
  private List<String> heard() {
    List<String> marks = sql("SELECT pg_notify(?, '.')::text", schema + ".kv");
    assertThat(marks).hasSize(1);
    List<String> payloads = new ArrayList<>();
    try {
      while (true) {
        for (PGNotification one : listening.unwrap(PGConnection.class).getNotifications(10_000)) {
          if (one.getParameter().equals(".")) {
            return payloads;
          }
          payloads.add(one.getParameter());
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String keys(String namespace, String... keys) {
    ByteBuffer hashes = ByteBuffer.allocate(keys.length * Long.BYTES);
    for (String key : keys) {
      hashes.putLong(KvCalls.scope(namespace, key));
    }
    return "k " + Base64.getEncoder().encodeToString(hashes.array()) + " " + namespace;
  }

  private String notifying(String name, Durability durability) {
    howdah.namespaces().create(name, durability);
    assertThat(howdah.namespaces().notifyChanges(name, true)).isTrue();
    assertThat(heard()).containsExactly("s " + name);
    return name;
  }

  @ParameterizedTest
  @EnumSource
  void everyWriteNotifiesOnceItsKey(Durability durability) {
    String name = notifying("all " + durability, durability);
    for (String write :
        List.of(
            "kv_set(?, 'k', '1')",
            "kv_replace(?, 'k', '2')",
            "kv_increment(?, 'k')",
            "kv_exchange(?, 'k', '4')",
            "kv_expire(?, 'k', '1 hour')",
            "kv_persist(?, 'k')",
            "kv_set(?, 'k', '{\"a\": 1}')",
            "kv_patch(?, 'k', '{\"b\": 2}')",
            "kv_delete(?, 'k')",
            "kv_set_if_absent(?, 'k', '5')",
            "kv_take(?, 'k')",
            "kv_set_bytes(?, 'k', '\\x00')",
            "kv_exchange_bytes(?, 'k', '\\x01')",
            "kv_take_bytes(?, 'k')",
            "kv_set_many(?, ARRAY['k'], ARRAY['1'::jsonb])",
            "kv_delete_many(?, ARRAY['k'])")) {
      assertThat(sql("SELECT $." + write, name)).as(write).hasSize(1);
      assertThat(heard()).as(write).containsExactly(keys(name, "k"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusedWritesNotifyNothing(Durability durability) {
    String name = notifying("refused " + durability, durability);
    assertThat(sql("SELECT $.kv_set(?, 'there', '1')", name)).hasSize(1);
    assertThat(heard()).hasSize(1);
    for (String write :
        List.of(
            "kv_set_if_absent(?, 'there', '2')",
            "kv_replace(?, 'absent', '2')",
            "kv_cas(?, 'there', 1, '2')",
            "kv_delete(?, 'absent')",
            "kv_delete_if(?, 'there', 1)",
            "kv_take(?, 'absent')",
            "kv_expire(?, 'absent', '1 hour')",
            "kv_persist(?, 'there')",
            "kv_patch(?, 'absent', '{}')")) {
      assertThat(sql("SELECT $." + write, name)).as(write).hasSize(1);
    }
    assertThat(heard()).isEmpty();
  }

  @Test
  void whatIsRolledBackNotifiesNothing() throws SQLException {
    String name = notifying("rollback", Durability.EPHEMERAL);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      howdah.on(connection).kv(name, Integer.class).set("k", 1);
      connection.rollback();
      assertThat(heard()).isEmpty();
      howdah.on(connection).kv(name, Integer.class).set("k", 2);
      assertThat(heard()).isEmpty();
      connection.commit();
    }
    assertThat(heard()).containsExactly(keys(name, "k"));
  }

  @ParameterizedTest
  @EnumSource
  void batchesNotifyOnceForEachNamespace(Durability durability) {
    String a = notifying("batch a " + durability, durability);
    String b = notifying("batch b " + durability, durability);
    String quiet = "batch c " + durability;
    howdah.namespaces().create(quiet, durability);
    String names = "ARRAY['" + a + "', '" + b + "', '" + a + "', '" + quiet + "']";
    for (String batch :
        List.of(
            "kv_batch_set(%s, ARRAY['x','y','z','q'], ARRAY['1','1','1','1'], NULL, NULL, 1, NULL, true)",
            "kv_batch_replace(%s, ARRAY['x','y','z','q'], ARRAY['1','1','1','1'], NULL, NULL, NULL, false, 1, NULL, true)",
            "kv_batch_increment(%s, ARRAY['x','y','z','q'], ARRAY[1,1,1,1], NULL, false, NULL, true)",
            "kv_batch_expire(%s, ARRAY['x','y','z','q'], NULL, NULL, true)",
            "kv_batch_delete(%s, ARRAY['x','y','z','q'], NULL, NULL, true)",
            "kv_batch_set_if_absent(%s, ARRAY['x','y','z','q'], ARRAY['1','1','1','1'], NULL, NULL, NULL, true)")) {
      List<String> counted = sql("SELECT count(*) FROM $." + batch.formatted(names));
      assertThat(counted).as(batch).hasSize(1);
      assertThat(heard()).as(batch).containsExactlyInAnyOrder(keys(a, "x", "z"), keys(b, "y"));
    }
  }

  @Test
  void storesOfTheLibraryNotifyToo() {
    String name = notifying("store", Durability.EPHEMERAL);
    KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
    store.set("k", 1);
    store.set("k", 2, Duration.ofMinutes(1));
    store.increment("k");
    store.delete("k");
    assertThat(heard()).containsOnly(keys(name, "k")).hasSize(4);
  }

  @Test
  void tooManyKeysBecomeTheNamespace() {
    String name = notifying("n".repeat(64), Durability.EPHEMERAL);
    KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
    Map<String, Integer> values = new HashMap<>();
    IntStream.range(0, 740).forEach(i -> values.put("k" + i, i));
    store.setAll(values);
    assertThat(heard())
        .singleElement()
        .satisfies(payload -> {
          assertThat(payload).startsWith("k ").endsWith(" " + name).hasSizeLessThan(8_000);
          assertThat(hashes(payload))
              .containsExactlyInAnyOrder(
                  values.keySet().stream()
                      .map(key -> KvCalls.scope(name, key))
                      .toArray(Long[]::new));
        });
    values.put("k740", 740);
    store.setAll(values);
    assertThat(heard()).containsExactly("n " + name);
  }

  private static List<Long> hashes(String payload) {
    ByteBuffer hashes =
        ByteBuffer.wrap(Base64.getDecoder().decode(payload.substring(2, payload.indexOf(' ', 2))));
    return LongStream.range(0, hashes.remaining() / Long.BYTES)
        .mapToObj(i -> hashes.getLong())
        .toList();
  }

  @Test
  void hashIsTheSameInSqlAndJava() {
    for (String key : List.of("k", "", "ä€😀", "x".repeat(1024))) {
      byte[] hash = ByteBuffer.allocate(8).putLong(KvCalls.scope("né", key)).array();
      assertThat(sql("SELECT encode($._kv_notify_hash('né', ?), 'base64')", key))
          .containsExactly(Base64.getEncoder().encodeToString(hash));
    }
    // For other languages: docs/near-cache.md has it.
    assertThat(sql("SELECT encode($._kv_notify_hash('carts', 'c1'), 'hex')"))
        .containsExactly("d900adf7ebb4893b");
  }

  @Test
  void namespacesThatDidNotAskNotifyNothing() {
    howdah.namespaces().create("quiet", Durability.DURABLE);
    for (String name : List.of("quiet", "unregistered")) {
      KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
      store.set("k", 1);
      store.setAll(Map.of("a", 1, "b", 2));
      store.delete("k");
      howdah.namespaces().clear(name);
      howdah.namespaces().drop(name);
    }
    assertThat(heard()).isEmpty();
  }

  @Test
  void emptyingAndDroppingNotifyTheNamespace() {
    String name = notifying("emptied", Durability.DURABLE);
    howdah.namespaces().move(name, Durability.EPHEMERAL);
    assertThat(heard()).isEmpty();
    howdah.namespaces().clear(name);
    assertThat(heard()).containsExactly("n " + name);
    howdah.namespaces().drop(name);
    assertThat(heard()).containsExactly("n " + name, "s " + name);
    howdah.kv(name, Integer.class).set("k", 1);
    assertThat(heard()).isEmpty();
  }

  @Test
  void expiryAndSweepingNotifyNothing() {
    String name = notifying("expiring", Durability.DURABLE);
    howdah.kv(name, Integer.class).set("k", 1, Duration.ofMinutes(1));
    assertThat(heard()).hasSize(1);
    age(name, 120);
    while (!howdah.sweep().isDone()) {
      assertThat(heard()).isEmpty();
    }
    assertThat(sql("SELECT count(*) FROM $.kv_durable WHERE namespace = ?", name))
        .containsExactly("0");
    assertThat(heard()).isEmpty();
  }

  @Test
  void switchingIsNewOnce() {
    assertThat(howdah.namespaces().notifyChanges("switched", false)).isFalse();
    assertThat(howdah.namespaces().notifyChanges("switched", true)).isTrue();
    assertThat(howdah.namespaces().notifyChanges("switched", true)).isFalse();
    assertThat(howdah.namespaces().notifyChanges("switched", false)).isTrue();
    assertThat(heard()).containsExactly("s switched", "s switched");
    howdah.kv("switched", Integer.class).set("k", 1);
    assertThat(heard()).isEmpty();
  }

  @Test
  void badInputIsRefused() {
    assertThatThrownBy(() -> howdah.namespaces().notifyChanges("", true))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageContaining("namespace");
    assertThatThrownBy(() -> sql("SELECT $.namespace_notify('x', NULL)"))
        .hasMessageContaining("enabled: true or false expected, got NULL");
    assertThatThrownBy(() -> sql("SELECT $.namespace_notify('', true)"))
        .hasMessageContaining("namespace: 1 to 64 bytes expected, got 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable"})
  void olderSnapshotThanTheSwitchIsAConflict(String level) throws SQLException {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      assertThat(sql(connection, "SET TRANSACTION ISOLATION LEVEL " + level)).isEmpty();
      assertThat(sql(connection, "SELECT 1 FROM $.namespace_guard")).hasSize(1);
      howdah.namespaces().notifyChanges("snapshot " + level, true);
      assertThatThrownBy(() -> sql(connection, "SELECT $.kv_set(?, 'k', '1')", "snapshot " + level))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
      connection.rollback();
    }
    assertThat(heard()).containsExactly("s snapshot " + level);
  }
}
