package io.howdah.bench.functions;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;

/**
 * A statement over a batch of keys.
 *
 * @param sql with the schema's name in it
 * @param binder binds the keys, and the values of a set
 */
record BatchStatement(String sql, Binder binder) {

  /** Binds as core's {@code SqlArguments} does. */
  interface Binder {
    void bind(PreparedStatement statement, String[] keys, String[] values) throws SQLException;
  }

  /** Separates the texts of a get; none of the benchmark's keys contains it. */
  static final String SEPARATOR = "\u0001";

  static String joined(String... texts) {
    return String.join(SEPARATOR, texts);
  }

  static String joined(String namespace, int count) {
    return joined(repeated(namespace, count));
  }

  /** The five arrays of a set: no bytes and no ends, which go as NULL. */
  static void bindSet(PreparedStatement statement, String namespace, String[] keys, String[] values)
      throws SQLException {
    texts(statement, 1, repeated(namespace, keys.length));
    texts(statement, 2, keys);
    texts(statement, 3, values);
    statement.setNull(4, Types.ARRAY, "_bytea");
    statement.setNull(5, Types.ARRAY, "_interval");
  }

  private static String[] repeated(String namespace, int count) {
    String[] namespaces = new String[count];
    Arrays.fill(namespaces, namespace);
    return namespaces;
  }

  private static void texts(PreparedStatement statement, int index, String[] values)
      throws SQLException {
    Connection connection = statement.getConnection();
    statement.setArray(index, connection.createArrayOf("text", values));
  }
}
