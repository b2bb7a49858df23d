package io.howdah.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Howdah;
import io.howdah.testing.Eventually;
import io.howdah.testing.HowdahTest;
import io.howdah.testing.TestPostgres;
import io.howdah.testing.Threads;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PSQLException;

/** The hstore twin, in a database of its own: an extension is there once in a database. */
class PreferenceHstoreTest extends HowdahTest {
  /** Texts that a statement made of texts would stumble over. */
  private static final List<String> TEXTS =
      List.of("plain", "a\"b", "x=>y", "k?", "'; --", "a\\b", "a,b", "NULL", "$1 %s", "ä🐘", " ");

  private interface Work {
    void in(Connection connection) throws SQLException;
  }

  private void inDatabase(Work work) throws SQLException {
    String name = schema + "_db";
    try (Connection server = connect()) {
      assertThat(sql(server, "CREATE DATABASE " + name)).isEmpty();
      PGSimpleDataSource database = (PGSimpleDataSource) TestPostgres.dataSource();
      database.setDatabaseName(name);
      try (Howdah unused = Howdah.builder(database).schema(schema).sweeper(false).open();
          Connection connection = database.getConnection()) {
        work.in(connection);
      } finally {
        assertThat(sql(server, "DROP DATABASE " + name + " WITH (FORCE)")).isEmpty();
      }
    }
  }

  private void unsupported(Connection connection, String call, String message, String hint) {
    assertThatThrownBy(() -> sql(connection, "SELECT $." + call))
        .isInstanceOfSatisfying(
            PSQLException.class,
            e -> {
              assertThat(e.getSQLState()).isEqualTo("0A000");
              assertThat(e.getServerErrorMessage().getMessage()).contains(message);
              assertThat(e.getServerErrorMessage().getHint()).contains(hint);
            });
  }

  @Tag("full")
  @Test
  void saysWhatIsMissing() throws SQLException {
    inDatabase(connection -> {
      for (String call :
          List.of(
              "preference_hstore_set('a', 'k', 'v')",
              "preference_hstore_get('a', 'k')",
              "preference_hstore_unset('a', 'k')",
              "preference_hstore_all('a')",
              "preference_hstore_find('k', 'v')",
              "preference_hstore_enable()")) {
        unsupported(connection, call, "the extension hstore is not", "CREATE EXTENSION hstore");
      }
      assertThat(sql(connection, "CREATE EXTENSION hstore")).isEmpty();
      unsupported(
          connection,
          "preference_hstore_set('a', 'k', 'v')",
          "not enabled in the schema " + schema,
          "preference_hstore_enable()");
    });
  }

  /** The schema of the extension is on no search path, and has a name that needs quotes. */
  @Test
  void worksWhereverTheExtensionIs() throws SQLException {
    inDatabase(connection -> {
      assertThat(sql(connection, "CREATE SCHEMA \"Ext \"\"x\"")).isEmpty();
      assertThat(sql(connection, "CREATE EXTENSION hstore SCHEMA \"Ext \"\"x\"")).isEmpty();
      for (String kind : List.of("'gin'", "'gist'", "NULL")) {
        assertThat(sql(connection, "SELECT $.preference_hstore_enable(" + kind + ")"))
            .as(kind)
            .containsExactly("t");
        assertThat(sql(connection, "SELECT $.preference_hstore_enable(" + kind + ")"))
            .containsExactly("f");
        anyTextIsData(connection);
      }
      limits(connection);
      forgets(connection);
    });
  }

  private void anyTextIsData(Connection connection) throws SQLException {
    for (String text : TEXTS) {
      assertThat(sql(connection, "SELECT $.preference_hstore_set(?, ?, ?)", "ann", text, text))
          .hasSize(1);
    }
    assertThat(sql(connection, "SELECT $.preference_hstore_set('bob', 'plain', '')")).hasSize(1);
    assertThat(sql(connection, "SELECT key FROM $.preference_hstore_all('ann') WHERE key = value"))
        .containsExactlyInAnyOrderElementsOf(TEXTS);
    for (String text : TEXTS) {
      assertThat(sql(connection, "SELECT $.preference_hstore_get(?, ?)", "ann", text))
          .containsExactly(text);
      assertThat(sql(connection, "SELECT user_id FROM $.preference_hstore_find(?, ?)", text, text))
          .containsExactly("ann");
    }
    assertThat(sql(connection, "SELECT $.preference_hstore_get('ann', 'none') IS NULL"))
        .containsExactly("t");
    assertThat(sql(connection, "SELECT $.preference_hstore_find('plain', 'plain', 'ann')"))
        .as("behind the page")
        .isEmpty();
    for (String expected : List.of("t", "f")) {
      assertThat(sql(connection, "SELECT $.preference_hstore_unset('ann', 'x=>y')"))
          .containsExactly(expected);
    }
  }

  private void limits(Connection connection) {
    for (String call :
        List.of(
            "preference_hstore_set('', 'k', 'v')",
            "preference_hstore_set('a', repeat('k', 257), 'v')",
            "preference_hstore_set('a', 'k', NULL)",
            "preference_hstore_set('a', 'k', repeat('v', 65537))",
            "preference_hstore_unset('a', '')",
            "preference_hstore_find('k', NULL)",
            "preference_hstore_find('k', 'v', '', 0)",
            "preference_hstore_enable('btree')")) {
      assertThatThrownBy(() -> sql(connection, "SELECT $." + call))
          .as(call)
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"));
    }
    assertThatThrownBy(() ->
            sql(
                connection,
                "SELECT $.preference_hstore_set('many', 'k' || i, '1') FROM generate_series(1, 1001) AS i"))
        .hasMessageContaining("at most 1000 keys of one user expected, got 1001");
  }

  private void forgets(Connection connection) throws SQLException {
    assertThat(sql(connection, "SELECT $.preference_forget('ann')")).containsExactly("t");
    assertThat(sql(connection, "SELECT $.preference_forget('ann')")).containsExactly("f");
    assertThat(sql(connection, "SELECT * FROM $.preference_hstore_all('ann')")).isEmpty();
  }

  /** Whoever comes second finds what the first has made, or makes it when that was rolled back. */
  @Test
  void twoFirstCallsAtOnceMakeItOnce() throws SQLException {
    inDatabase(connection -> {
      assertThat(sql(connection, "CREATE EXTENSION hstore")).isEmpty();
      PGSimpleDataSource database = (PGSimpleDataSource) TestPostgres.dataSource();
      database.setDatabaseName(schema + "_db");
      for (String end : List.of("ROLLBACK", "COMMIT")) {
        try (Connection first = database.getConnection()) {
          first.setAutoCommit(false);
          assertThat(sql(first, "SELECT $.preference_hstore_enable('gin')")).containsExactly("t");
          CompletableFuture<List<String>> second =
              CompletableFuture.supplyAsync(() -> {
                try (Connection own = database.getConnection()) {
                  own.setAutoCommit(false);
                  List<String> isNew = sql(own, "SELECT $.preference_hstore_enable('gin')");
                  own.rollback();
                  return isNew;
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
          Eventually.holds(
              "the second waits for the first",
              () ->
                  second.isDone()
                      || !sql(
                              "SELECT 1 FROM pg_stat_activity WHERE datname = ? AND wait_event_type = 'Lock'",
                              schema + "_db")
                          .isEmpty());
          assertThat(sql(first, end)).isEmpty();
          assertThat(second.get(30, TimeUnit.SECONDS))
              .as(end)
              .containsExactly(end.equals("ROLLBACK") ? "t" : "f");
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
          throw new AssertionError(e);
        }
      }
      assertThat(sql(connection, "SELECT $.preference_hstore_enable('gin')")).containsExactly("f");
    });
  }

  @Test
  void writesOfDifferentKeysAreNotLost() throws SQLException {
    inDatabase(connection -> {
      assertThat(sql(connection, "CREATE EXTENSION hstore")).isEmpty();
      assertThat(sql(connection, "SELECT $.preference_hstore_enable('gin')")).containsExactly("t");
      PGSimpleDataSource database = (PGSimpleDataSource) TestPostgres.dataSource();
      database.setDatabaseName(schema + "_db");
      List<Integer> threads =
          Threads.run(
              32,
              thread -> {
                try (Connection own = database.getConnection()) {
                  for (int i = 0; i < 5; i++) {
                    assertThat(
                            sql(
                                own,
                                "SELECT $.preference_hstore_set('ann', ?, ?)",
                                thread + "." + i,
                                "" + thread))
                        .hasSize(1);
                  }
                }
                return thread;
              });
      assertThat(threads).hasSize(32);
      assertThat(sql(connection, "SELECT count(*) FROM $.preference_hstore_all('ann')"))
          .containsExactly("160");
      // 5,000 others, so that an index is worth its while.
      assertThat(
              sql(
                  connection,
                  "SELECT count($.preference_hstore_set('u' || i, 'theme', CASE i WHEN 77 THEN 'dark' ELSE 'light' END)) FROM generate_series(1, 5000) AS i"))
          .containsExactly("5000");
      for (String kind : List.of("gin", "gist")) {
        assertThat(sql(connection, "SELECT $.preference_hstore_enable(?)", kind)).hasSize(1);
        assertThat(sql(connection, "VACUUM ANALYZE $.preference_hstore")).isEmpty();
        long before = scans(connection);
        assertThat(sql(connection, "SELECT $.preference_hstore_find('theme', 'dark')"))
            .containsExactly("u77");
        assertThat(scans(connection)).as(kind).isGreaterThan(before);
      }
    });
  }

  private long scans(Connection connection) throws SQLException {
    assertThat(sql(connection, "SELECT pg_stat_force_next_flush()")).hasSize(1);
    return Long.parseLong(
        sql(
                connection,
                "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'preference_hstore_prefs_idx' AND schemaname = ?",
                schema)
            .get(0));
  }
}
