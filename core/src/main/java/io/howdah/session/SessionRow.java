package io.howdah.session;

import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A session as it came from the database.
 *
 * @param isDue whether its use should be written down, and has not been
 */
record SessionRow(
    UUID handle,
    @Nullable String userId,
    String data,
    Instant createdAt,
    Instant lastAccessedAt,
    Instant expiresAt,
    @Nullable String ip,
    @Nullable String userAgent,
    boolean isDue) {

  /** The columns that {@link #read} reads, of a session {@code s}. */
  static final String COLUMNS =
      "s.handle, s.user_id, s.data, s.created_at, s.last_accessed_at, s.expires_at, s.ip, s.user_agent";

  /** How many there are. */
  static final int WIDTH = 8;

  /**
   * Of the row that the rows stand at, whose columns begin with {@code first}; null where the data
   * did not come with it, because they are too large.
   */
  static @Nullable SessionRow read(SqlRows rows, int first, boolean isDue) throws SQLException {
    String data = rows.text(first + 2);
    if (data == null) {
      return null;
    }
    return new SessionRow(
        UUID.fromString(Objects.requireNonNull(rows.text(first))),
        rows.text(first + 1),
        data,
        Objects.requireNonNull(rows.instant(first + 3)),
        Objects.requireNonNull(rows.instant(first + 4)),
        Objects.requireNonNull(rows.instant(first + 5)),
        rows.text(first + 6),
        rows.text(first + 7),
        isDue);
  }
}
