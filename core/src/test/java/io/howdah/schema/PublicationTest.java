package io.howdah.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.PrivatePostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Everything is published, as for another server or for a service that reads all changes: Postgres
 * then refuses updates and deletes in a table without a primary key.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PublicationTest {
  private PrivatePostgres postgres;

  /** The publication is there first: migrations have to get on with it too. */
  @BeforeAll
  void publishEverythingAndMigrate() throws SQLException {
    postgres = PrivatePostgres.create("wal_level = logical");
    try (Connection superuser = postgres.connect()) {
      for (String sql :
          List.of(
              "CREATE PUBLICATION everything FOR ALL TABLES",
              "CREATE EXTENSION hstore",
              "CREATE ROLE migrator LOGIN",
              "CREATE ROLE app LOGIN",
              "CREATE ROLE other",
              "GRANT CREATE ON DATABASE postgres TO migrator")) {
        assertThat(PrivatePostgres.sql(superuser, sql)).isEmpty();
      }
    }
    assertThat(migrator().migrate()).isTrue();
    migrator().grant("app", "app");
    as("migrator", "SELECT howdah.preference_hstore_enable(NULL)");
  }

  @AfterAll
  void close() {
    postgres.close();
  }

  private String urlOf(String role) {
    return postgres.url().replaceFirst("user=[^&]*", "user=" + role);
  }

  private Migrator migrator() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(urlOf("migrator"));
    return new Migrator(dataSource, "howdah");
  }

  private void as(String role, String... statements) throws SQLException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(urlOf(role));
    try (Connection connection = dataSource.getConnection()) {
      for (String sql : statements) {
        assertThat(PrivatePostgres.sql(connection, sql)).as(sql).isNotNull();
      }
    }
  }

  @Test
  void everyLoggedTableHasAPrimaryKey() {
    String tables =
        "SELECT c.relname FROM pg_class AS c"
            + " WHERE c.relnamespace = 'howdah'::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'";
    assertThat(postgres.sql(tables)).contains("namespace_guard", "preference_hstore");
    assertThat(
            postgres.sql(
                tables
                    + " AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)"))
        .isEmpty();
  }

  @Test
  void tablesOfOneRowKeepToIt() {
    for (String table : List.of("namespace_guard", "wipe_marker", "cache_upkeep")) {
      assertThat(postgres.sql("SELECT id FROM howdah." + table)).containsExactly("1");
      assertThat(
              postgres.sql(
                  "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = ?::regclass",
                  "howdah." + table))
          .containsExactly(table + "_one_row");
    }
  }

  @Test
  void everyWorkloadUpdatesAndDeletes() throws SQLException {
    as(
        "app",
        "SELECT howdah.namespace_create('d', 'durable', max_entries => 5)",
        "SELECT howdah.namespace_create('s', 'durable', true)",
        "SELECT howdah.kv_set(n, k, '1'), howdah.kv_set(n, k, '2')"
            + " FROM unnest('{d,s,e}'::text[]) AS n, unnest('{a,b}'::text[]) AS k",
        "SELECT howdah.kv_increment('d', 'a')",
        "SELECT howdah.kv_expire('d', 'a', '1 hour')",
        "SELECT howdah.kv_delete(n, 'b') FROM unnest('{d,s,e}'::text[]) AS n",
        "SELECT howdah.namespace_move('e', 'relaxed')",
        "SELECT howdah.namespace_notify('d', true)",
        "SELECT howdah.namespace_clear('d')",
        "SELECT howdah.namespace_drop('d')",
        "SELECT howdah.rate_limit_gcra('k', 10, '1 minute', 5)",
        "SELECT howdah.rate_limit_reset('k')",
        "SELECT howdah.lock_release('l', howdah.lock_acquire('l', 'me', '1 minute'))",
        "SELECT howdah.session_set(t, '{\"a\": 1}') FROM howdah.session_create('ann') AS t",
        "SELECT howdah.session_configure('ephemeral')",
        "SELECT howdah.session_configure('relaxed')",
        "SELECT howdah.session_revoke_user('ann')",
        "SELECT howdah.token_consume('p', howdah.token_issue('p', 'ann', '1 hour'))",
        "SELECT howdah.cache_bound('c', 5)",
        "SELECT howdah.cache_notify('c', true)",
        "SELECT howdah.cache_put('c', 'k', '1', '1 hour', tags => '{t}')",
        "SELECT howdah.cache_evict_tag('c', 't')",
        "SELECT howdah.cache_clear('c')",
        "SELECT howdah.cache_bound('c')",
        "SELECT howdah.cache_notify('c', false)",
        "SELECT howdah.flag_set('f', '{\"enabled\": true}', 'ann', NULL)",
        "SELECT howdah.flag_set('f', '{\"enabled\": false}', 'ann', NULL)",
        "SELECT howdah.flag_delete('f', 'ann', NULL)",
        "SELECT howdah.preference_set('ann', 'k', to_jsonb(i)) FROM generate_series(1, 2) AS i",
        "SELECT howdah.preference_forget('ann')",
        "SELECT howdah.preference_hstore_set('ann', 'k', i::text) FROM generate_series(1, 2) AS i",
        "SELECT howdah.preference_hstore_unset('ann', 'k')",
        "SELECT howdah.config_set('n', 'k', to_jsonb(i), 'ann', NULL) FROM generate_series(1, 2) AS i",
        "SELECT howdah.config_unset('n', 'k', 'ann', NULL)",
        "SELECT howdah.channel_retain('news', '1 day')",
        "SELECT howdah.channel_publish('news', 'x')",
        "SELECT howdah.channel_retain('news', NULL)",
        "SELECT howdah.job_enqueue('q', '1')",
        "SELECT howdah.job_complete(j.id, 'me') FROM howdah.job_take('q', 1, '1 minute', 'me') AS j",
        "CALL howdah.sweep_all('5 seconds')");
    // The sweeper has written to its row of the caches.
    assertThat(
            postgres.sql(
                "SELECT turn_below IS NOT NULL OR removable_below > '0' FROM howdah.cache_upkeep"))
        .containsExactly("t");
  }

  @Test
  void wipeIsRepaired() throws SQLException {
    as("migrator", "DELETE FROM howdah.wipe_witness");
    as("app", "SELECT * FROM howdah.wipe_check()");
    assertThat(postgres.sql("SELECT wipes FROM howdah.wipe_marker")).containsExactly("1");
  }

  /** Grants of functions that are made anew are kept in a table for as long as that takes. */
  @Test
  void functionsAreReplacedAndKeepTheirGrants() throws SQLException {
    as(
        "migrator",
        "DROP FUNCTION howdah.kv_ttl(text, text)",
        "CREATE FUNCTION howdah.kv_ttl(namespace text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "GRANT EXECUTE ON FUNCTION howdah.kv_ttl(text) TO app WITH GRANT OPTION",
        "GRANT EXECUTE ON FUNCTION howdah.kv_ttl(text) TO other",
        "UPDATE howdah.schema_version SET functions = functions || '{\"\": \"old\", \"kv_ttl\": \"old\"}'");
    // From two who may: it is one grant afterwards.
    as("app", "GRANT EXECUTE ON FUNCTION howdah.kv_ttl(text) TO other");
    assertThat(migrator().migrate()).isTrue();
    assertThat(
            postgres.sql(
                "SELECT has_function_privilege(r, 'howdah.kv_ttl(text, text)', 'EXECUTE')"
                    + " FROM unnest('{app,other}'::text[]) AS r"))
        .containsExactly("t", "t");
    assertThat(postgres.sql("SELECT count(*) FROM howdah.function_grant")).containsExactly("0");
  }
}
