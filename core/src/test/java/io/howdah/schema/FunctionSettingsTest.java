package io.howdah.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.cache.ComputedCache;
import io.howdah.testing.HowdahTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FunctionSettingsTest extends HowdahTest {
  /**
   * Before Postgres 18, what is switched off costs so much where nothing else is there that the
   * statement is compiled, for a second.
   */
  @Test
  void functionsThatSwitchPlansOffAreNotCompiled() {
    String switched =
        "SELECT proname FROM pg_proc WHERE pronamespace = ?::regnamespace AND proconfig::text LIKE '%enable_%=off%'";
    assertThat(sql(switched, schema)).hasSizeGreaterThan(50);
    assertThat(sql(switched + " AND NOT 'jit=off' = ANY (proconfig)", schema)).isEmpty();
  }

  /** Where the server can compile: that of Debian can, the embedded one cannot. */
  @Test
  void sweepsAreNotCompiled() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;"
              + " SET auto_explain.log_nested_statements = on; SET client_min_messages = log");
      ComputedCache<String> cache = howdah.cache("swept", String.class);
      for (int i = 0; i < 5; i++) {
        assertThat(cache.tagged("t").get("k", () -> "v")).isEqualTo("v");
        cache.evictTag("t");
        statement.execute("SELECT * FROM " + schema + ".sweep()");
      }
      List<String> plans = new ArrayList<>();
      for (SQLWarning plan = statement.getWarnings(); plan != null; plan = plan.getNextWarning()) {
        plans.add(plan.getMessage());
      }
      assertThat(plans).anyMatch(plan -> plan.contains("Seq Scan on cache_upkeep"));
      assertThat(plans).noneMatch(plan -> plan.contains("JIT:"));
    }
  }
}
