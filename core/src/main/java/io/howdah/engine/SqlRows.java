package io.howdah.engine;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows of an answer. Columns count from 1, behind those that the engine put in front. */
public final class SqlRows {
  private final ResultSet rows;
  private final int offset;

  SqlRows(ResultSet rows, int offset) {
    this.rows = rows;
    this.offset = offset;
  }

  public boolean next() throws SQLException {
    return rows.next();
  }

  public @Nullable String text(int column) throws SQLException {
    return rows.getString(column + offset);
  }

  public byte @Nullable [] bytes(int column) throws SQLException {
    return rows.getBytes(column + offset);
  }

  public boolean bool(int column) throws SQLException {
    return rows.getBoolean(column + offset);
  }

  public @Nullable Boolean boolOrNull(int column) throws SQLException {
    boolean value = rows.getBoolean(column + offset);
    return rows.wasNull() ? null : value;
  }

  /** 0 where it is NULL. */
  public long int8(int column) throws SQLException {
    return rows.getLong(column + offset);
  }

  public @Nullable Long int8OrNull(int column) throws SQLException {
    long value = rows.getLong(column + offset);
    return rows.wasNull() ? null : value;
  }

  /** An array of bigint without NULLs. */
  public long[] int8s(int column) throws SQLException {
    Long[] values = (Long[]) rows.getArray(column + offset).getArray();
    return Arrays.stream(values).mapToLong(Long::longValue).toArray();
  }

  public @Nullable Instant instant(int column) throws SQLException {
    OffsetDateTime time = rows.getObject(column + offset, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
