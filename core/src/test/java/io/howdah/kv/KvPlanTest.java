package io.howdah.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;

/**
 * The hot statements find their rows by the primary key, whenever they were planned: a plan that is
 * made while the table is empty is kept while it grows.
 */
class KvPlanTest extends HowdahTest {
  private static final int ROWS = 100_000;

  /** Often enough for a generic plan. */
  private static final int TIMES = 12;

  /** Prepared once on a connection, as a lane does; so their plans are kept. */
  private static final class Statements {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new LinkedHashMap<>();

    Statements(Connection connection, String schema, String table) throws SQLException {
      this.connection = connection;
      connection.unwrap(PGConnection.class).setPrepareThreshold(1);
      for (String sql :
          List.of(
              "SELECT * FROM $._%s_quick_get(?, 'k1')",
              "SELECT * FROM $._%s_quick_get_entry(?, 'k1')",
              "SELECT * FROM $._%s_quick_batch_get(? || ',n', 'k1,k2', ',', 1000)",
              "SELECT * FROM $._%s_quick_batch_get_entry(? || ',n', 'k1,k2', ',', 1000)",
              "SELECT $.kv_get(?, 'k1')",
              "SELECT * FROM $.kv_get_entry(?, 'k1')",
              "SELECT * FROM $.kv_batch_get(ARRAY[?, 'n'], ARRAY['k1', 'k2'], 1000)",
              "SELECT * FROM $.kv_scan(?, 'k', 'k2', 10)",
              "SELECT $._kv_set(?, 'k1', '1', NULL, NULL)",
              "SELECT $._kv_ephemeral_set(?, 'k1', '1', NULL, NULL, false)",
              "SELECT $._kv_replace(?, 'k1', NULL, '1', NULL, NULL, false)",
              "SELECT $._kv_delete(?, 'k3', NULL)",
              "SELECT $.kv_expire(?, 'k1', interval '1 h')",
              "SELECT $.kv_increment(?, 'k1')",
              "SELECT $.kv_patch(?, 'k1', '1')",
              "SELECT $.kv_exchange(?, 'k1', '1')",
              "SELECT * FROM $.kv_batch_set(ARRAY[?, 'n'], ARRAY['k1', 'k2'], ARRAY['1', '2'], NULL, NULL, 1, NULL, true)",
              "SELECT * FROM $._kv_ephemeral_batch_set(ARRAY[?, 'n'], ARRAY['k1', 'k2'], ARRAY['1', '2'], NULL, NULL, 1, false)",
              "SELECT * FROM $.kv_batch_set_if_absent(ARRAY[?, 'n'], ARRAY['k1', 'k2'], ARRAY['1', '2'], NULL, NULL, NULL, true)",
              "SELECT * FROM $.kv_batch_replace(ARRAY[?, 'n'], ARRAY['k1', 'k2'], ARRAY['1', '2'], NULL, NULL, NULL, false, 1, NULL, true)",
              "SELECT * FROM $.kv_batch_delete(ARRAY[?, 'n'], ARRAY['k3', 'k4'], NULL, NULL, true)",
              "SELECT * FROM $.kv_batch_expire(ARRAY[?, 'n'], ARRAY['k1', 'k2'], ARRAY[interval '1 h', interval '1 h'], NULL, true)",
              "SELECT * FROM $.kv_batch_increment(ARRAY[?, 'n'], ARRAY['k1', 'k2'], ARRAY[1, 2], NULL, false, NULL, true)",
              "SELECT * FROM $.kv_batch_busy(ARRAY[?, 'n'], ARRAY['k1', 'k2'])")) {
        String named = sql.replace("%s", table).replace("$.", schema + ".");
        prepared.put(named, connection.prepareStatement(named));
      }
    }

    /** Runs each, and says which of them read a whole table of keys and values. */
    Map<String, Long> sequentialScans(String schema) throws SQLException {
      Map<String, Long> scans = new LinkedHashMap<>();
      for (Map.Entry<String, PreparedStatement> statement : prepared.entrySet()) {
        long before = counted(schema);
        for (int i = 0; i < TIMES; i++) {
          statement.getValue().setString(1, "n");
          assertThat(statement.getValue().execute()).isTrue();
        }
        long after = counted(schema);
        if (after > before) {
          scans.put(statement.getKey(), after - before);
        }
      }
      return scans;
    }

    private long counted(String schema) throws SQLException {
      try (PreparedStatement flush =
          connection.prepareStatement("SELECT pg_stat_force_next_flush()")) {
        assertThat(flush.execute()).isTrue();
      }
      try (PreparedStatement statement =
              connection.prepareStatement(
                  "SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE schemaname = ? AND relname LIKE 'kv\\_%'");
          ResultSet rows = query(statement, schema)) {
        return rows.next() ? rows.getLong(1) : -1;
      }
    }

    private static ResultSet query(PreparedStatement statement, String schema) throws SQLException {
      statement.setString(1, schema);
      return statement.executeQuery();
    }
  }

  @ParameterizedTest
  @CsvSource({"ephemeral, kv_ephemeral", "durable, kv_durable"})
  void hotStatementsUseTheKeyHoweverLargeTheTableWasWhenTheyWerePlanned(
      String durability, String table) throws SQLException {
    sql("TRUNCATE $.namespace");
    sql("DELETE FROM $.kv_ephemeral");
    sql("DELETE FROM $.kv_durable");
    sql("ALTER TABLE $." + table + " SET (autovacuum_enabled = off)");
    sql("SELECT $.namespace_create('n', ?)", durability);
    try (Connection connection = connect()) {
      Statements kept = new Statements(connection, schema, table);
      assertThat(kept.sequentialScans(schema)).as("empty").isEmpty();
      sql(
          "INSERT INTO $."
              + table
              + " (namespace, key, value, version, created_at, updated_at)"
              + " SELECT 'n', 'g' || i, '1', 1, now(), now() FROM generate_series(1, "
              + ROWS
              + ") AS i");
      assertThat(kept.sequentialScans(schema)).as("grown, with the plans of then").isEmpty();
      try (Connection fresh = connect()) {
        assertThat(new Statements(fresh, schema, table).sequentialScans(schema))
            .as("grown, before statistics")
            .isEmpty();
      }
      sql("ANALYZE $." + table);
      assertThat(kept.sequentialScans(schema)).as("grown, replanned").isEmpty();
    }
    try (Connection connection = connect()) {
      sql(connection, "SET plan_cache_mode = force_generic_plan");
      assertThat(new Statements(connection, schema, table).sequentialScans(schema))
          .as("grown, generic")
          .isEmpty();
    }
  }

  /** The counter that the test above relies on. */
  @Test
  void sequentialScanIsCounted() throws SQLException {
    try (Connection connection = connect()) {
      Statements statements = new Statements(connection, schema, "kv_ephemeral");
      long before = statements.counted(schema);
      sql(connection, "SELECT count(*) FROM $.kv_ephemeral");
      assertThat(statements.counted(schema)).isEqualTo(before + 1);
    }
  }
}
