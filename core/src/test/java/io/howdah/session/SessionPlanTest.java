package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** How the statements find their rows, and what touching costs the table. */
@Timeout(180)
@Tag("full")
class SessionPlanTest extends SessionTest {
  private static final int ROWS = 50_000;

  /** Often enough for a generic plan. */
  private static final int TIMES = 12;

  private static final List<String> STATEMENTS =
      List.of(
          "SELECT * FROM $._session_quick_read(sha256('1'))",
          "SELECT * FROM $._session_read_one(sha256('1'))",
          "SELECT * FROM $._session_touch_one(sha256('1'), true)",
          "SELECT * FROM $._session_read(sha256('1') || sha256('2'), 1000)",
          "SELECT * FROM $._session_touch(sha256('1') || sha256('2'), 1000, true)",
          "SELECT $._session_set(sha256('3'), '{\"a\": 1}', true)",
          "SELECT * FROM $._session_batch_set(ARRAY[sha256('3'), sha256('4')], ARRAY['[{}]', '[{}]'], NULL, true)",
          "SELECT * FROM $._session_batch_busy(ARRAY[sha256('3'), sha256('4')])",
          "SELECT $._session_rotate(sha256('none'), sha256('5'), 'u', true)",
          "SELECT * FROM $._session_durable_lock(sha256('none'), 'user-2')",
          "SELECT * FROM $._session_ephemeral_lock(sha256('none'), 'user-2')",
          "SELECT $._session_revoke(sha256('none'), true)",
          "SELECT $._session_revoke_user('none', NULL, NULL, true)",
          "SELECT $._session_create(sha256(clock_timestamp()::text::bytea), 'new', '{}', NULL, NULL, NULL, NULL, true)",
          "SELECT $.session_list('user-1')",
          "SELECT $.session_count('user-1')",
          "SELECT * FROM $._token_peek('p', sha256('1'))",
          "SELECT * FROM $._token_consume('p', sha256('1'))",
          "SELECT $.token_revoke('p', 's')");

  private Map<String, PreparedStatement> prepare(Connection connection) throws SQLException {
    connection.unwrap(PGConnection.class).setPrepareThreshold(1);
    Map<String, PreparedStatement> prepared = new LinkedHashMap<>();
    for (String sql : STATEMENTS) {
      prepared.put(sql, connection.prepareStatement(sql.replace("$.", schema + ".")));
    }
    return prepared;
  }

  /** Which of them read a whole table of sessions or tokens. */
  private Map<String, Long> sequentialScans(
      Connection connection, Map<String, PreparedStatement> prepared) throws SQLException {
    Map<String, Long> scans = new LinkedHashMap<>();
    for (Map.Entry<String, PreparedStatement> statement : prepared.entrySet()) {
      long before = counted(connection);
      for (int i = 0; i < TIMES; i++) {
        assertThat(statement.getValue().execute()).isTrue();
      }
      long after = counted(connection);
      if (after > before) {
        scans.put(statement.getKey(), after - before);
      }
    }
    return scans;
  }

  private long counted(Connection connection) throws SQLException {
    assertThat(sql(connection, "SELECT pg_stat_force_next_flush()")).hasSize(1);
    return Long.parseLong(
        sql(
                connection,
                "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE schemaname = ?"
                    + " AND relname IN ('session_durable', 'session_ephemeral', 'token')",
                schema)
            .get(0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"relaxed", "ephemeral"})
  void statementsUseTheKeysHoweverLargeTheTableWasWhenTheyWerePlanned(String durability)
      throws SQLException {
    String table = durability.equals("ephemeral") ? "session_ephemeral" : "session_durable";
    sql("SELECT $.session_configure(?, max_per_user => 1000)", durability);
    execute("ALTER TABLE $." + table + " SET (autovacuum_enabled = off)");
    try (Connection connection = connect()) {
      Map<String, PreparedStatement> kept = prepare(connection);
      assertThat(sequentialScans(connection, kept)).as("empty").isEmpty();
      fill(table, ROWS, 1);
      assertThat(sequentialScans(connection, kept)).as("grown, with the plans of then").isEmpty();
      try (Connection fresh = connect()) {
        assertThat(sequentialScans(fresh, prepare(fresh))).as("grown, before statistics").isEmpty();
      }
      execute("ANALYZE $." + table);
      assertThat(sequentialScans(connection, kept)).as("grown, replanned").isEmpty();
      // The counter that all this relies on.
      long before = counted(connection);
      assertThat(sql(connection, "SELECT count(*) FROM $." + table)).hasSize(1);
      assertThat(counted(connection)).isEqualTo(before + 1);
    }
  }

  private void fill(String table, int rows, int kilobits) {
    execute(
        "INSERT INTO $."
            + table
            + " (created_at, last_accessed_at, expires_at, ends_at, idle, handle, token_hash, user_id, ip, user_agent, data)"
            + " SELECT now(), now() - interval '1 h', now() + interval '1 h', now() + interval '1 day', interval '1 h', gen_random_uuid(),"
            + " sha256(i::text::bytea), 'user-' || i % 20000, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',"
            + " jsonb_build_object('n', i, 'note', repeat(md5(i::text), ?)) FROM generate_series(1, ?) AS i",
        4 * kilobits,
        rows);
  }

  /**
   * In the order in which requests come: one that has nothing to do with where sessions are stored.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6})
  void touchesAreHeapOnly(int kilobits) throws SQLException {
    // Whoever has a snapshot in this database meanwhile, an autovacuum that analyzes or another
    // test, keeps versions that would make room.
    Touched touched = touch(kilobits);
    for (int i = 0; i < 4 && (touched.hotShare() < 0.95 || touched.growth() >= 1.1); i++) {
      touched = touch(kilobits);
    }
    assertThat(touched.hotShare()).isGreaterThanOrEqualTo(0.95);
    assertThat(touched.growth()).isLessThan(1.1);
  }

  private record Touched(double hotShare, double growth) {}

  private Touched touch(int kilobits) throws SQLException {
    int rows = 10_000;
    execute("DELETE FROM $.session_durable");
    execute("ALTER TABLE $.session_durable SET (autovacuum_enabled = off)");
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM " + schema + ".session_durable");
      fill("session_durable", rows, kilobits);
      statement.execute("VACUUM ANALYZE " + schema + ".session_durable");
      long bytes = number(connection, "SELECT pg_relation_size('$.session_durable')");
      Updates before = updates(connection);
      for (int round = 0; round < 4; round++) {
        touchAllInRandomOrder(connection, rows, round);
      }
      Updates after = updates(connection);
      long updates = after.all() - before.all();
      double share = 1.0 * (after.hot() - before.hot()) / updates;
      double growth =
          1.0 * number(connection, "SELECT pg_relation_size('$.session_durable')") / bytes;
      assertThat(updates).isEqualTo(4L * rows);
      System.out.printf(
          Locale.ROOT,
          "sessions of %d bytes: %.1f %% of %d touches HOT, table %.2f times its first size%n",
          bytes / rows,
          100 * share,
          updates,
          growth);
      return new Touched(share, growth);
    }
  }

  private void touchAllInRandomOrder(Connection connection, int rows, int seed)
      throws SQLException {
    List<Integer> order = new java.util.ArrayList<>();
    for (int i = 1; i <= rows; i++) {
      order.add(i);
    }
    java.util.Collections.shuffle(order, new java.util.Random(seed));
    String sql =
        "SELECT count(*) FROM $._session_durable_touch((SELECT string_agg(sha256(i::text::bytea), '') FROM unnest(?) AS i), 1000, interval '-1 s')"
            .replace("$.", schema + ".");
    try (PreparedStatement touch = connection.prepareStatement(sql)) {
      for (int from = 0; from < rows; from += 50) {
        touch.setArray(
            1, connection.createArrayOf("int4", order.subList(from, from + 50).toArray()));
        try (ResultSet answer = touch.executeQuery()) {
          assertThat(answer.next()).isTrue();
          assertThat(answer.getInt(1)).isEqualTo(50);
        }
      }
    }
  }

  private record Updates(long all, long hot) {}

  private Updates updates(Connection connection) throws SQLException {
    assertThat(sql(connection, "SELECT pg_stat_force_next_flush()")).hasSize(1);
    String from = " FROM pg_stat_user_tables WHERE relid = '$.session_durable'::regclass";
    return new Updates(
        number(connection, "SELECT n_tup_upd" + from),
        number(connection, "SELECT n_tup_hot_upd" + from));
  }

  private long number(Connection connection, String sql) throws SQLException {
    return Long.parseLong(sql(connection, sql).get(0));
  }
}
