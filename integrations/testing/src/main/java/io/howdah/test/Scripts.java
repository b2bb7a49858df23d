package io.howdah.test;

import io.howdah.engine.SqlErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The SQL of this library, each script in the transaction of its connection. */
final class Scripts {
  /** A test that waits for its own transaction shall fail, not hang. */
  private static final String PATIENCE = "5s";

  private Scripts() {}

  static void advance(Connection connection, String script, String schema, long micros) {
    try {
      String before = set(connection, "howdah.advance", micros + " microseconds");
      run(connection, script, schema);
      var unused = set(connection, "howdah.advance", before);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, true);
    }
  }

  static void wipe(Connection connection, String schema) {
    try {
      run(connection, "wipe", schema);
    } catch (SQLException e) {
      throw SqlErrors.translate(e, true);
    }
  }

  private static void run(Connection connection, String script, String schema) throws SQLException {
    String before = set(connection, "lock_timeout", PATIENCE);
    try (Statement statement = connection.createStatement()) {
      boolean unused = statement.execute(read(script).replace("${schema}", schema));
    }
    var unused = set(connection, "lock_timeout", before);
  }

  /** Until the end of the transaction; what it was before. */
  private static String set(Connection connection, String setting, String value)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT coalesce(s.value, ''), set_config(?, ?, true)"
                + " FROM (SELECT current_setting(?, true) AS value OFFSET 0) AS s")) {
      statement.setString(1, setting);
      statement.setString(2, value);
      statement.setString(3, setting);
      try (ResultSet row = statement.executeQuery()) {
        boolean unused = row.next();
        return row.getString(1);
      }
    }
  }

  static String read(String script) {
    try (InputStream in = Scripts.class.getResourceAsStream(script + ".sql")) {
      if (in == null) {
        throw new IllegalStateException(script + ".sql is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
