package io.howdah.preference;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the statements find their rows among many. */
@Timeout(60)
class PreferencePlanTest extends HowdahTest {
  private static final PreferenceKey<String> THEME =
      PreferenceKey.of("theme", String.class, "light");

  @Test
  void usersAreFoundByTheirIdAndRareValuesByTheIndex() throws SQLException {
    assertThat(
            sql(
                "INSERT INTO $.preference SELECT 'u' || i, jsonb_build_object('theme', CASE WHEN i % 10000 = 0 THEN 'rare' ELSE 'light' END, 'n', i), now()"
                    + " FROM generate_series(1, 50000) AS i"))
        .isEmpty();
    assertThat(sql("ANALYZE $.preference")).isEmpty();
    Preferences preferences = howdah.preferences();
    try (Connection connection = connect()) {
      Preferences joined = howdah.on(connection).preferences();
      long before = sequentialScans(connection);
      for (int i = 1; i <= 12; i++) {
        assertThat(joined.get("u" + i, THEME)).isEqualTo("light");
        joined.set("u" + i, THEME, "dark");
        assertThat(joined.unset("u" + i, THEME)).isTrue();
        assertThat(joined.all("u" + i)).hasSize(1);
        assertThat(joined.effective("u" + i, "a", "b").value(THEME)).isEqualTo("light");
        assertThat(joined.forget("u" + i)).isTrue();
        assertThat(
                sql(
                    connection,
                    "SELECT value FROM $._preference_batch_get('u20,u30', 'n,n', ',', 1000)"))
            .containsExactly("20", "30");
      }
      assertThat(sequentialScans(connection)).as("by id").isEqualTo(before);

      List<String> rare = preferences.find(THEME, "rare", "", 10);
      assertThat(rare).containsExactly("u10000", "u20000", "u30000", "u40000", "u50000");
      assertThat(sql("SELECT $.preference_index(true)")).containsExactly("t");
      assertThat(sql("ANALYZE $.preference")).isEmpty();
      assertThat(joined.find(THEME, "rare", "", 10)).isEqualTo(rare);
      assertThat(indexScans(connection)).isEqualTo(1);
      assertThat(joined.find(PreferenceKey.of("n", Integer.class, 0), 4_711, "", 10))
          .containsExactly("u4711");
      assertThat(indexScans(connection)).isEqualTo(2);
      // A value that nearly all have fills its page sooner in the order of the ids.
      assertThat(joined.find(THEME, "light", "", 10)).hasSize(10);
      assertThat(indexScans(connection)).isEqualTo(2);
    }
  }

  private long sequentialScans(Connection connection) throws SQLException {
    return counted(
        connection,
        "SELECT seq_scan FROM pg_stat_user_tables WHERE relid = '$.preference'::regclass");
  }

  private long indexScans(Connection connection) throws SQLException {
    return counted(
        connection,
        "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelid = '$.preference_prefs_idx'::regclass");
  }

  private long counted(Connection connection, String sql) throws SQLException {
    assertThat(sql(connection, "SELECT pg_stat_force_next_flush()")).hasSize(1);
    return Long.parseLong(sql(connection, sql).get(0));
  }
}
