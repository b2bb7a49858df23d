package io.howdah.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.Programs;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same through a PgBouncer that knows prepared statements, where there is one. */
@Tag("full")
class PreparingPoolerTest extends PoolerTest {
  @Override
  Path program() {
    return Programs.requireNamed("HOWDAH_TEST_PGBOUNCER");
  }

  @Override
  String moreSettings() {
    return "max_prepared_statements = 200";
  }

  @Test
  void statementsArePreparedWhereTheUrlSaysSo() throws SQLException {
    everythingWorks("&prepareThreshold=1");
    assertThat(prepared()).isNotEmpty().allMatch(name -> name.startsWith("PGBOUNCER_"));
  }

  @Test
  void nothingIsPreparedWhereTheUrlSaysNothing() throws SQLException {
    try (var howdah = open("")) {
      assertThat(howdah.kv("n", Integer.class).set("k", 1)).isPositive();
      assertThat(howdah.kv("n", Integer.class).get("k")).contains(1);
    }
    assertThat(prepared()).isEmpty();
  }
}
