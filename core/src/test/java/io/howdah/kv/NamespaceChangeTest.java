package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.ErrorCode;
import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changing where a namespace lives, beside transactions that write to it, and to others. */
class NamespaceChangeTest extends HowdahTest {
  /** So long that nothing is set aside: writers wait where they are. */
  @Override
  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder.lockTimeout(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"REPEATABLE READ", "SERIALIZABLE"})
  void changeAboveReadCommittedIsRefusedAndChangesNothing(String isolation) throws SQLException {
    String name = "above-" + isolation;
    KeyValueStore<Integer> store = howdah.kv(name, Integer.class);
    store.set("k", 1);
    List<String> registry = sql("SELECT n::text FROM $.namespace AS n ORDER BY name");
    List<String> guard = sql("SELECT changes FROM $.namespace_guard");
    List<Consumer<Namespaces>> changes =
        List.of(
            namespaces -> namespaces.move(name, Durability.DURABLE),
            namespaces -> namespaces.create(name, Durability.DURABLE),
            namespaces -> namespaces.clear(name),
            namespaces -> namespaces.drop(name));
    for (Consumer<Namespaces> change : changes) {
      try (Connection connection = connect()) {
        connection.setAutoCommit(false);
        sql(connection, "SET TRANSACTION ISOLATION LEVEL " + isolation);
        assertThatThrownBy(() -> change.accept(howdah.on(connection).namespaces()))
            .isInstanceOfSatisfying(
                HowdahException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
                  assertThat(e.sqlState()).isEqualTo("HD007");
                })
            .hasMessageContaining(isolation);
        connection.rollback();
      }
    }
    assertThat(sql("SELECT n::text FROM $.namespace AS n ORDER BY name")).isEqualTo(registry);
    assertThat(sql("SELECT changes FROM $.namespace_guard")).isEqualTo(guard);
    assertThat(sql("SELECT key FROM $.kv_ephemeral WHERE namespace = ?", name))
        .containsExactly("k");
    assertThat(store.get("k")).contains(1);
  }

  /**
   * The writer above READ COMMITTED holds the row of namespace_guard, for which every change waits.
   * Meanwhile the namespace that is to change stays open for its own writers.
   */
  @Test
  void changeThatWaitsForAStrangerHoldsNobodyUpForLong() throws Exception {
    KeyValueStore<Integer> store = howdah.kv("open-meanwhile", Integer.class);
    store.set("k", 0);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      howdah.on(connection).kv("held-by-a-stranger", Integer.class).set("k", 1);
      CompletableFuture<Boolean> created =
          CompletableFuture.supplyAsync(
              () -> howdah.namespaces().create("open-meanwhile", Durability.DURABLE));
      awaitChangeUnderWay();
      // As long as several attempts of the change take. Whom it held up until the stranger is gone
      // would be told that his call took too long.
      long until = System.nanoTime() + Duration.ofMillis(1_500).toNanos();
      int writes = 0;
      while (System.nanoTime() < until || writes < 20) {
        store.set("k", ++writes);
      }
      assertThat(created).isNotDone();
      connection.commit();
      assertThat(created.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(store.get("k")).contains(writes);
      assertThat(sql("SELECT count(*) FROM $.kv_durable WHERE namespace = 'open-meanwhile'"))
          .containsExactly("1");
    }
  }

  private void awaitChangeUnderWay() {
    Eventually.holds(
        "the change is under way",
        () ->
            !sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                    + " AND pid <> pg_backend_pid() AND query LIKE '%"
                    + schema
                    + ".namespace_create(%'")
                .isEmpty());
  }

  /**
   * The single write of this process, which believes that the namespace is relaxed, waits for the
   * move; what it finds behind it counts.
   */
  @Test
  void relaxedWriteThatWaitedForAMoveToDurableIsSynchronous() throws Exception {
    sql("CREATE TABLE $.seen (key text, setting text)");
    sql(
        "CREATE FUNCTION $.see() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
            + " INSERT INTO $.seen VALUES (NEW.key, current_setting('synchronous_commit')); RETURN NULL; END $body$"
                .replace("$.", schema + "."));
    sql(
        "CREATE TRIGGER see AFTER INSERT OR UPDATE ON $.kv_durable FOR EACH ROW EXECUTE FUNCTION $.see()");
    howdah.namespaces().create("hardening", Durability.RELAXED);
    KeyValueStore<Integer> store = howdah.kv("hardening", Integer.class);
    awaitRelaxed(store);
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      sql(connection, "SELECT $.namespace_move('hardening', 'durable')");
      CompletableFuture<Long> written = CompletableFuture.supplyAsync(() -> store.set("waited", 1));
      assertThatThrownBy(() -> written.get(200, TimeUnit.MILLISECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      connection.commit();
      assertThat(written.get(10, TimeUnit.SECONDS)).isPositive();
    }
    assertThat(sql("SELECT setting FROM $.seen WHERE key = 'waited'")).containsExactly("on");
  }

  /** Writes until this process has noticed that the namespace is relaxed. */
  private void awaitRelaxed(KeyValueStore<Integer> store) {
    Eventually.holds(
        "it writes without waiting for the disk",
        () -> {
          store.set("noticed", 1);
          return !sql("SELECT 1 FROM $.seen WHERE key = 'noticed' AND setting = 'off'").isEmpty();
        });
  }
}
