package io.howdah.bench.functions;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;
import java.sql.Types;

/**
 * What the engine sends for a batch. Core shows its SQL to nobody, so these are copies of it, and
 * the only place of the benchmark that names its functions; a test holds them against what a
 * running engine sends.
 */
final class EngineStatements {

  private static final String SCHEMA = PostgresServer.HOWDAH_SCHEMA + ".";
  private static final int ANSWER_BYTES = 4 << 20;

  private EngineStatements() {}

  static BatchStatement of(Operation operation, Durability level, String namespace) {
    return switch (operation) {
      case GET -> get(level, namespace);
      case SET -> level == Durability.EPHEMERAL ? quickSet(namespace) : set(namespace);
    };
  }

  private static BatchStatement get(Durability level, String namespace) {
    return new BatchStatement(
        "SELECT * FROM "
            + SCHEMA
            + "_"
            + PostgresServer.tableName(level)
            + "_quick_batch_get(?, ?, ?, ?)",
        (statement, keys, values) -> {
          statement.setString(1, BatchStatement.joined(namespace, keys.length));
          statement.setString(2, BatchStatement.joined(keys));
          statement.setString(3, BatchStatement.SEPARATOR);
          statement.setInt(4, ANSWER_BYTES / keys.length);
        });
  }

  private static BatchStatement quickSet(String namespace) {
    return new BatchStatement(
        "SELECT * FROM " + SCHEMA + "_kv_ephemeral_batch_set(?, ?, ?, ?, ?, ?, false)",
        (statement, keys, values) -> {
          BatchStatement.bindSet(statement, namespace, keys, values);
          statement.setInt(6, 1);
        });
  }

  private static BatchStatement set(String namespace) {
    return new BatchStatement(
        "SELECT * FROM " + SCHEMA + "kv_batch_set(?, ?, ?, ?, ?, ?, ?, ?)",
        (statement, keys, values) -> {
          BatchStatement.bindSet(statement, namespace, keys, values);
          statement.setInt(6, 1);
          statement.setNull(7, Types.BIGINT);
          statement.setBoolean(8, true);
        });
  }
}
