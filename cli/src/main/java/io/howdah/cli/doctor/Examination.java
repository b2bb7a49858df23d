package io.howdah.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs the doctor's queries: each in a transaction of its own that only reads and that ends soon,
 * so that it works through a pooler, and disturbs nobody.
 */
final class Examination {
  /** search_path: what others have put into schemas of theirs is not called by mistake. */
  private static final String SETTINGS =
      """
      SELECT set_config('statement_timeout', '10s', true), set_config('lock_timeout', '1s', true),
             set_config('search_path', 'pg_catalog', true),
             set_config('howdah_doctor.pooler', ?, true),
             set_config('howdah_doctor.provider', ?, true), set_config('howdah_doctor.role', ?, true),
             set_config('howdah_doctor.role_is_named', ?, true),
             set_config('howdah_doctor.pool_size', ?, true), set_config('howdah_doctor.lanes', ?, true),
             set_config('howdah_doctor.instances', ?, true),
             set_config('howdah_doctor.long_transaction_seconds', ?, true)
      """;

  private final Connection connection;
  private final Situation situation;
  private final String pooler;
  private Provider provider = Provider.NONE;
  private String role = "";

  /**
   * The connection is the examination's until it is over.
   *
   * @param pooler how the application's connections come, as the facts tell it
   */
  Examination(Connection connection, Situation situation, String pooler) throws SQLException {
    this.connection = connection;
    this.situation = situation;
    this.pooler = pooler;
    connection.setAutoCommit(false);
    connection.setReadOnly(true);
  }

  /** Who runs the server; what follows is told in their way. */
  Provider findProvider() throws SQLException {
    provider = Provider.of(ask("provider", row -> row.getString(1)).get(0));
    return provider;
  }

  /** What the server is. */
  Map<String, String> facts() throws SQLException {
    Map<String, String> facts = new LinkedHashMap<>();
    ask("facts", row -> Map.entry(row.getString(1), row.getString(2)))
        .forEach(fact -> facts.put(fact.getKey(), fact.getValue()));
    role =
        situation.appRole() == null
            ? Objects.requireNonNull(facts.get("role"))
            : situation.appRole();
    return facts;
  }

  /** Whether the database has the role of the application. */
  boolean hasRole() throws SQLException {
    return !ask("role", row -> row.getBoolean(1)).contains(false);
  }

  /** Whether it sees what sessions of other roles do. */
  boolean seesOthers() throws SQLException {
    return ask("sees-others", row -> row.getBoolean(1)).contains(true);
  }

  /** What there is of an ailment. */
  List<Finding> look(Ailment ailment) throws SQLException {
    return ask(
        ailment.id(),
        row ->
            new Finding(
                ailment,
                Severity.of(row.getString(1)),
                row.getString(2),
                row.getString(3),
                row.getString(4).lines().map(provider::step).toList()));
  }

  private interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> ask(String name, Row<T> reader) throws SQLException {
    try {
      settle();
      List<T> found = new ArrayList<>();
      try (PreparedStatement statement = connection.prepareStatement(sql(name));
          ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(reader.read(rows));
        }
      }
      return found;
    } finally {
      connection.rollback();
    }
  }

  private void settle() throws SQLException {
    try (PreparedStatement settings = connection.prepareStatement(SETTINGS)) {
      settings.setString(1, pooler);
      settings.setString(2, provider.id());
      settings.setString(3, role);
      settings.setString(4, Boolean.toString(situation.appRole() != null));
      settings.setString(5, situation.poolSize() == null ? "" : situation.poolSize().toString());
      settings.setString(6, Integer.toString(situation.lanes()));
      settings.setString(7, Integer.toString(situation.instances()));
      settings.setString(8, Long.toString(situation.longTransaction().toSeconds()));
      settings.execute();
    }
  }

  /** The name of the schema has been checked: it stands in the text, as in the library's own. */
  private String sql(String name) {
    try (InputStream in = Examination.class.getResourceAsStream(name + ".sql")) {
      if (in == null) {
        throw new IllegalStateException(name + ".sql is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${schema}", situation.schema());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
