package io.howdah.kv;

import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Everything about one key, as it came from the database. */
record StoredEntry(
    Stored stored,
    @Nullable Instant expiresAt,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Long ttlMicros) {

  /** The columns that {@link #ofRow} reads, of an entry {@code e}. */
  static final String COLUMNS =
      "e.value, e.bytes, e.version, e.expires_at, e.created_at, e.updated_at,"
          + " (extract(epoch FROM e.expires_at - statement_timestamp()) * 1000000)::bigint";

  static @Nullable StoredEntry read(SqlRows rows) throws SQLException {
    return rows.next() ? ofRow(rows, 1) : null;
  }

  /** Of the row that the rows stand at, whose columns begin with {@code first}. */
  static StoredEntry ofRow(SqlRows rows, int first) throws SQLException {
    String json = rows.text(first);
    return new StoredEntry(
        new Stored(json, json == null ? rows.bytes(first + 1) : null, rows.int8(first + 2)),
        rows.instant(first + 3),
        Objects.requireNonNull(rows.instant(first + 4)),
        Objects.requireNonNull(rows.instant(first + 5)),
        rows.int8OrNull(first + 6));
  }
}
