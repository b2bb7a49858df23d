package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Reads find an entry and its evictions by their keys, in plans made while the tables were empty.
 */
class CachePlanTest extends HowdahTest {
  private static final List<String> READS =
      List.of(
          "SELECT * FROM $._cache_read('c', 'k500', true)",
          "SELECT * FROM $._cache_batch_read('c,c', 'k500,k700', ',', 1000, true)",
          "SELECT * FROM $.cache_get('c', 'k500')",
          "SELECT * FROM $.cache_get_many('c', '{k500,k700}')");

  @Test
  void readsGoByKey() throws SQLException {
    try (Connection connection = connect()) {
      assertPlans(connection);
      assertThat(
              sql(
                  "INSERT INTO $.cache_entry (created_at, updated_at, fresh_until, expires_at, xid, number, unseen_from, scopes, cache, key, value)"
                      + " SELECT now(), now(), now() + interval '1 h', now() + interval '1 h', pg_current_xact_id(), i,"
                      + " pg_current_xact_id(), $._cache_scopes('c', 'k' || i, '{t}'), 'c', 'k' || i, '1'"
                      + " FROM generate_series(1, 20000) AS i"))
          .isEmpty();
      assertThat(
              sql(
                  "INSERT INTO $.cache_eviction (scope, xid, number)"
                      + " SELECT i, pg_current_xact_id(), i FROM generate_series(1, 50000) AS i"))
          .isEmpty();
      assertPlans(connection);
      assertThat(sql("ANALYZE $.cache_entry, $.cache_eviction")).isEmpty();
      assertPlans(connection);
    }
  }

  private void assertPlans(Connection connection) throws SQLException {
    for (String read : READS) {
      assertThat(String.join("\n", sql(connection, "EXPLAIN " + read)))
          .as(read)
          .contains("cache_entry_pkey", "cache_eviction_pkey")
          .doesNotContain("Seq Scan");
    }
  }
}
