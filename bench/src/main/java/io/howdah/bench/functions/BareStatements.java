package io.howdah.bench.functions;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.server.PostgresServer;

/**
 * The same statements without a function: what is left when one takes from core's functions all
 * that is not needed to read or to write the rows. Of the spellings that were tried, the quickest:
 * reads over {@code unnest} and {@code key = ANY} were slower than these, writes over arrays that
 * are hidden in sub-selects too.
 */
final class BareStatements {

  private BareStatements() {}

  static BatchStatement of(Operation operation, Durability level, String namespace) {
    String table = PostgresServer.table(level);
    return switch (operation) {
      case GET -> get(table, namespace);
      case SET -> set(table, namespace);
    };
  }

  private static BatchStatement get(String table, String namespace) {
    String sql =
        """
        SELECT r.ordinality, t.value::text, t.bytes, t.version
        FROM ROWS FROM (string_to_table(?, ?), string_to_table(?, ?))
          WITH ORDINALITY AS r (ns, k, ordinality)
        JOIN %s AS t ON t.namespace = r.ns AND t.key = r.k
        WHERE t.expires_at IS NULL OR t.expires_at > statement_timestamp()\
        """
            .formatted(table);
    return new BatchStatement(
        sql,
        (statement, keys, values) -> {
          statement.setString(1, BatchStatement.joined(namespace, keys.length));
          statement.setString(2, BatchStatement.SEPARATOR);
          statement.setString(3, BatchStatement.joined(keys));
          statement.setString(4, BatchStatement.SEPARATOR);
        });
  }

  private static BatchStatement set(String table, String namespace) {
    String sql =
        """
        INSERT INTO %s AS t
          (namespace, key, value, bytes, version, expires_at, created_at, updated_at)
        SELECT r.ns, r.k, r.v::jsonb, r.b,
               (date_part('epoch', clock_timestamp()) * 1000000)::bigint,
               statement_timestamp() + r.ttl, statement_timestamp(), statement_timestamp()
        FROM unnest(?::text[], ?::text[], ?::text[], ?::bytea[], ?::interval[])
          AS r (ns, k, v, b, ttl)
        ORDER BY r.ns COLLATE "C", r.k COLLATE "C"
        ON CONFLICT (namespace, key) DO UPDATE
        SET value = excluded.value,
            bytes = excluded.bytes,
            version = greatest(t.version + 1, excluded.version),
            expires_at = excluded.expires_at,
            created_at = CASE WHEN t.expires_at <= statement_timestamp()
                              THEN excluded.created_at ELSE t.created_at END,
            updated_at = excluded.updated_at
        RETURNING t.version\
        """
            .formatted(table);
    return new BatchStatement(
        sql,
        (statement, keys, values) -> BatchStatement.bindSet(statement, namespace, keys, values));
  }
}
