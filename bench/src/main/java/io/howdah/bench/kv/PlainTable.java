package io.howdah.bench.kv;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;
import java.sql.SQLException;

/**
 * A table as most programs have it, the statements on it, and one beside it for counters. Whoever
 * calls it in another way uses the same one.
 */
final class PlainTable {

  private static final int ROWS_PER_STATEMENT = 100_000;
  private static final String NAMESPACE = "bench";

  private final PostgresServer server;
  private final Durability durability;
  private final String name;

  PlainTable(PostgresServer server, Durability durability, Variant variant) {
    this.server = server;
    this.durability = durability;
    name =
        PostgresServer.SCHEMA
            + switch (durability) {
              case EPHEMERAL -> ".kv_unlogged";
              // One table for both: asynchronous commits are the caller's business.
              case RELAXED, DURABLE -> ".kv_logged";
            }
            + variant.suffix();
  }

  /** What its reports say it is. */
  String description() {
    return switch (durability) {
      case EPHEMERAL -> "a plain unlogged table";
      case RELAXED -> "a plain logged table, synchronous_commit off";
      case DURABLE -> "a plain logged table, synchronous_commit on";
    };
  }

  /** Reads a value; the key is an expression. */
  String getSql(String key) {
    return """
    SELECT value FROM %s
    WHERE namespace = '%s' AND key = %s AND (expires_at IS NULL OR expires_at > now())\
    """
        .formatted(name, NAMESPACE, key);
  }

  /** Stores a value; both are expressions. */
  String setSql(String key, String value) {
    return """
    INSERT INTO %s (namespace, key, value, expires_at) VALUES ('%s', %s, %s::jsonb, NULL)
    ON CONFLICT (namespace, key)
    DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at\
    """
        .formatted(name, NAMESPACE, key, value);
  }

  /** Adds 1 to a counter, and returns it; the key is an expression. */
  String incrementSql(String key) {
    return """
    INSERT INTO %1$s_count AS t (namespace, key, count) VALUES ('%2$s', %3$s, 1)
    ON CONFLICT (namespace, key) DO UPDATE SET count = t.count + 1 RETURNING count\
    """
        .formatted(name, NAMESPACE, key);
  }

  /** Makes it and fills it, unless somebody has done so. */
  void load(Dataset dataset, LoadWatch watch) throws SQLException {
    String unlogged = durability == Durability.EPHEMERAL ? "UNLOGGED" : "";
    server.execute(
        """
        CREATE %s TABLE IF NOT EXISTS %s (
          namespace text NOT NULL,
          key text NOT NULL,
          value jsonb NOT NULL,
          expires_at timestamptz,
          PRIMARY KEY (namespace, key)
        )\
        """
            .formatted(unlogged, name),
        """
        CREATE %s TABLE IF NOT EXISTS %s_count (
          namespace text NOT NULL,
          key text NOT NULL,
          count bigint NOT NULL,
          PRIMARY KEY (namespace, key)
        )\
        """
            .formatted(unlogged, name));
    if (server.number("SELECT count(*) FROM (SELECT FROM " + name + " LIMIT 1) AS any_row") > 0) {
      return;
    }
    for (Dataset.Range range : dataset.ranges(ROWS_PER_STATEMENT)) {
      server.execute(
          "INSERT INTO %s (namespace, key, value) SELECT '%s', k, v::jsonb FROM (%s) AS r (k, v)"
              .formatted(name, NAMESPACE, dataset.rowsSql(range)));
      watch.loaded(range.to());
    }
    server.execute(
        "INSERT INTO %s_count (namespace, key, count) SELECT '%s', k, 0 FROM (%s) AS r (k)"
            .formatted(name, NAMESPACE, dataset.countersSql()));
    server.execute("VACUUM (ANALYZE) " + name, "VACUUM (ANALYZE) " + name + "_count");
  }

  /** Does at once what autovacuum would do later, in somebody else's round. */
  void settle() throws SQLException {
    server.vacuum(name);
    server.vacuum(name + "_count");
  }
}
