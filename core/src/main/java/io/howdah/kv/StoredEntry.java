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

  static @Nullable StoredEntry read(SqlRows rows) throws SQLException {
    if (!rows.next()) {
      return null;
    }
    return new StoredEntry(
        new Stored(rows.text(1), rows.bytes(2), rows.int8(3)),
        rows.instant(4),
        Objects.requireNonNull(rows.instant(5)),
        Objects.requireNonNull(rows.instant(6)),
        rows.int8OrNull(7));
  }
}
