package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.HowdahException;
import io.howdah.InvalidArgumentException;
import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Calls inside a transaction of the caller's, and what the engine's own transactions do about
 * durability.
 */
class TransactionTest extends HowdahTest {
  @BeforeAll
  void watchSynchronousCommit() {
    for (Durability durability : Durability.values()) {
      howdah.namespaces().create(durability.sqlName(), durability);
    }
    // Notes the setting under which each row of the logged table is written.
    sql("CREATE TABLE $.seen (key text PRIMARY KEY, setting text)");
    sql(
        "CREATE FUNCTION $.see() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
            + " INSERT INTO $.seen VALUES (NEW.key, current_setting('synchronous_commit'))"
            + " ON CONFLICT (key) DO UPDATE SET setting = excluded.setting; RETURN NULL; END $body$");
    sql(
        "CREATE TRIGGER see AFTER INSERT OR UPDATE ON $.kv_durable FOR EACH ROW EXECUTE FUNCTION $.see()");
  }

  private String settingOf(String key) {
    return sql("SELECT setting FROM $.seen WHERE key = ?", key).get(0);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void rollbackUndoesAndCommitKeeps(Durability durability) {
    KeyValueStore<Integer> outside = howdah.kv(durability.sqlName(), Integer.class);
    outside.set("kept", 1);
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              KeyValueStore<Integer> inside = tx.kv(durability.sqlName(), Integer.class);
              inside.set("new", 1);
              inside.increment("kept", 1);
              inside.setAll(Map.of("many", 1));
              assertThat(inside.get("new")).contains(1);
              assertThat(outside.get("new")).isEmpty();
              throw new IllegalStateException("never mind");
            }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(outside.get("new")).isEmpty();
    assertThat(outside.get("many")).isEmpty();
    assertThat(outside.get("kept")).contains(1);
    howdah.transaction(tx -> tx.kv(durability.sqlName(), Integer.class).set("new", 2));
    assertThat(outside.get("new")).contains(2);
  }

  @Test
  void joinsATransactionTogetherWithOtherTables() throws SQLException {
    sql("CREATE TABLE $.orders (id int)");
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      sql(connection, "INSERT INTO $.orders VALUES (1)");
      howdah.on(connection).kv("durable", String.class).set("order-1", "placed");
      connection.rollback();
      assertThat(howdah.kv("durable", String.class).get("order-1")).isEmpty();
      sql(connection, "INSERT INTO $.orders VALUES (2)");
      howdah.on(connection).kv("durable", String.class).set("order-2", "placed");
      connection.commit();
    }
    assertThat(sql("SELECT id FROM $.orders")).containsExactly("2");
    assertThat(howdah.kv("durable", String.class).get("order-2")).contains("placed");
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void expectedRefusalDoesNotAbort(Durability durability) {
    long version = howdah.kv(durability.sqlName(), Integer.class).set("taken", 1);
    howdah.transaction(tx -> {
      KeyValueStore<Integer> inside = tx.kv(durability.sqlName(), Integer.class);
      assertThat(inside.setIfAbsent("taken", 2)).isEmpty();
      assertThat(inside.replace("absent", 2)).isEmpty();
      assertThat(inside.compareAndSet("taken", version - 1, 2)).isEmpty();
      assertThat(inside.deleteIf("taken", version - 1)).isFalse();
      assertThat(inside.get("absent")).isEmpty();
      assertThat(inside.delete("absent")).isFalse();
      assertThat(inside.take("absent")).isEmpty();
      assertThat(inside.expire("absent", Duration.ofMinutes(1))).isFalse();
      assertThat(inside.patch("absent", "{}")).isEmpty();
      inside.set("after", 1);
    });
    assertThat(howdah.kv(durability.sqlName(), Integer.class).get("after")).contains(1);
  }

  @Test
  void errorAbortsAsAnyErrorInPostgres() {
    assertThatThrownBy(() ->
            howdah.transaction(tx -> {
              KeyValueStore<Object> inside = tx.kv("durable", Object.class);
              inside.set("text", "a");
              assertThatThrownBy(() -> inside.increment("text"))
                  .isInstanceOfSatisfying(
                      HowdahException.class,
                      e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_AN_INTEGER));
              inside.set("more", "b");
            }))
        .isInstanceOf(HowdahException.class);
    assertThat(howdah.kv("durable", Object.class).get("text")).isEmpty();
  }

  @Test
  void relaxedWriteInATransactionDoesNotWeakenIt() {
    howdah.transaction(tx -> {
      tx.kv("relaxed", Integer.class).set("joined-relaxed", 1);
      tx.kv("durable", Integer.class).set("joined-durable", 1);
    });
    assertThat(settingOf("joined-relaxed")).isEqualTo("on");
    assertThat(settingOf("joined-durable")).isEqualTo("on");
  }

  @Test
  void onlyRelaxedCallsOfTheEngineCommitWithoutWaitingForTheFlush() {
    KeyValueStore<Integer> relaxed = howdah.kv("relaxed", Integer.class);
    KeyValueStore<Integer> durable = howdah.kv("durable", Integer.class);
    // Singly, and in batches, which form when many wait.
    relaxed.set("single-relaxed", 1);
    durable.set("single-durable", 1);
    List<Object> calls =
        io.howdah.testing.Threads.run(
            32,
            thread -> {
              for (int i = 0; i < 10; i++) {
                relaxed.set("batch-relaxed-" + thread, i);
                durable.set("batch-durable-" + thread, i);
              }
              return "done";
            });
    assertThat(calls).hasSize(32);
    assertThat(sql("SELECT DISTINCT setting FROM $.seen WHERE key LIKE '%-durable%'"))
        .containsExactly("on");
    assertThat(sql("SELECT DISTINCT setting FROM $.seen WHERE key LIKE 'batch-relaxed%'"))
        .containsExactly("off");
    assertThat(settingOf("single-relaxed")).isEqualTo("off");
  }

  @Test
  void namespaceThatBecomesDurableIsSynchronousAtOnce() {
    howdah.namespaces().create("hardening", Durability.RELAXED);
    KeyValueStore<Integer> store = howdah.kv("hardening", Integer.class);
    store.set("hardening-1", 1);
    // From outside: this process still believes that it is relaxed.
    sql("SELECT $.namespace_move('hardening', 'durable')");
    store.set("hardening-2", 1);
    assertThat(settingOf("hardening-2")).isEqualTo("on");
  }

  @Test
  void relaxedWriteByPlainSqlKeepsTheCallersSetting() {
    sql("SELECT $.kv_set('relaxed', 'plain', '1')");
    assertThat(settingOf("plain")).isEqualTo("on");
  }

  @Test
  void asyncIsRefusedInsideATransaction() {
    howdah.transaction(tx ->
        assertThatThrownBy(() -> tx.kv("durable", Integer.class).async())
            .isInstanceOf(InvalidArgumentException.class));
  }

  @Test
  void conflictAboveReadCommittedSaysSo() throws SQLException {
    KeyValueStore<Integer> outside = howdah.kv("durable", Integer.class);
    outside.set("conflict", 1);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      KeyValueStore<Integer> inside = howdah.on(connection).kv("durable", Integer.class);
      assertThat(inside.get("conflict")).contains(1);
      outside.set("conflict", 2);
      assertThat(inside.get("conflict")).contains(1);
      assertThatThrownBy(() -> inside.set("conflict", 3))
          .isInstanceOfSatisfying(
              HowdahException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
                assertThat(e.sqlState()).isEqualTo("40001");
              });
      connection.rollback();
    }
  }

  @Test
  void writerAboveReadCommittedWhoseSnapshotIsOlderThanAMoveConflicts() throws SQLException {
    howdah.kv("moved-under", Integer.class).set("k", 1);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      KeyValueStore<Integer> inside = howdah.on(connection).kv("moved-under", Integer.class);
      assertThat(inside.get("k")).contains(1);
      assertThat(howdah.namespaces().move("moved-under", Durability.DURABLE)).isEqualTo(1);
      assertThatThrownBy(() -> inside.set("other", 3))
          .isInstanceOfSatisfying(
              HowdahException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      connection.rollback();
    }
    assertThat(sql("SELECT count(*) FROM $.kv_ephemeral WHERE namespace = 'moved-under'"))
        .containsExactly("0");
  }

  @Test
  void longTransactionSeesValuesEndWhileItIsOpen() throws SQLException {
    howdah.kv("durable", Integer.class).set("ends", 1, Duration.ofMinutes(1));
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      KeyValueStore<Integer> inside = howdah.on(connection).kv("durable", Integer.class);
      assertThat(inside.get("ends")).contains(1);
      age("durable", 61);
      assertThat(inside.get("ends")).isEmpty();
      connection.rollback();
    }
  }
}
