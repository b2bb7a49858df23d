package io.howdah.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.channel.ChannelSubscription;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A Howdah on a schema of the test class's own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class HowdahTest {
  protected final String schema = TestPostgres.freshSchema(getClass());
  protected Howdah howdah;

  @BeforeAll
  final void open() {
    howdah = configure(TestPostgres.builder().schema(schema).sweeper(false)).open();
  }

  protected Howdah.Builder configure(Howdah.Builder builder) {
    return builder;
  }

  @AfterAll
  final void close() throws SQLException {
    howdah.close();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA " + schema + " CASCADE");
    }
    assertNothingIsOpen();
  }

  /** What a class leaves open holds up vacuum, HOT updates and retained channels in the next. */
  private void assertNothingIsOpen() {
    AtomicReference<List<String>> open = new AtomicReference<>(List.of());
    try {
      Eventually.holds(
          "no transaction is open",
          () -> {
            open.set(
                sql(
                    "SELECT format('%s %s since %s: %s', backend_type, state, xact_start, left(query, 200))"
                        + " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND xact_start IS NOT NULL"
                        + " UNION ALL SELECT 'prepared ' || gid FROM pg_prepared_xacts"
                        + " UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots"));
            return open.get().isEmpty();
          });
    } catch (AssertionError e) {
      throw new AssertionError(open + " was left open", e);
    }
  }

  protected final Connection connect() throws SQLException {
    return TestPostgres.dataSource().getConnection();
  }

  /** Runs SQL in which $ is the schema; the first column of every row, as text. */
  protected final List<String> sql(String sql, Object... args) {
    try (Connection connection = connect()) {
      return sql(connection, sql, args);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  protected final List<String> sql(Connection connection, String sql, Object... args)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(sql.replace("$.", schema + "."))) {
      for (int i = 0; i < args.length; i++) {
        statement.setObject(i + 1, args[i]);
      }
      List<String> values = new ArrayList<>();
      if (statement.execute()) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            values.add(rows.getString(1));
          }
        }
      }
      return values;
    }
  }

  /**
   * Returns when {@link #howdah}, which listens, has dealt with every notification of what was
   * committed before: they come one after the other, so that of a message is dealt with last.
   */
  protected final void awaitHeard() {
    AtomicBoolean heard = new AtomicBoolean();
    try (ChannelSubscription subscription =
        howdah.channels().subscribe("heard", message -> heard.set(true))) {
      assertThat(subscription).isNotNull();
      Eventually.holds(
          "what was committed before is heard",
          () -> {
            howdah.channels().publish("heard", "");
            return heard.get();
          });
    }
  }

  /** Makes every value of a namespace as old as if this many seconds had passed. */
  protected final void age(String namespace, int seconds) {
    for (String table : List.of("kv_ephemeral", "kv_durable", "kv_document")) {
      List<String> none =
          sql(
              "UPDATE $."
                  + table
                  + " SET expires_at = expires_at - ? * interval '1 s', created_at = created_at - ? * interval '1 s',"
                  + " updated_at = updated_at - ? * interval '1 s' WHERE namespace = ?",
              seconds,
              seconds,
              seconds,
              namespace);
      assert none.isEmpty();
    }
  }
}
