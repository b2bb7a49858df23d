package io.howdah.engine;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/** Binds the arguments of a statement, in their order. */
public final class SqlArguments {
  private final PreparedStatement statement;
  private int index;

  SqlArguments(PreparedStatement statement) {
    this.statement = statement;
  }

  @CanIgnoreReturnValue
  public SqlArguments text(@Nullable String value) throws SQLException {
    statement.setString(++index, value);
    return this;
  }

  @CanIgnoreReturnValue
  public SqlArguments bytes(byte @Nullable [] value) throws SQLException {
    statement.setBytes(++index, value);
    return this;
  }

  @CanIgnoreReturnValue
  public SqlArguments int8(@Nullable Long value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.BIGINT);
    } else {
      statement.setLong(++index, value);
    }
    return this;
  }

  @CanIgnoreReturnValue
  public SqlArguments int4(@Nullable Integer value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.INTEGER);
    } else {
      statement.setInt(++index, value);
    }
    return this;
  }

  @CanIgnoreReturnValue
  public SqlArguments bool(boolean value) throws SQLException {
    statement.setBoolean(++index, value);
    return this;
  }

  /** An interval of microseconds; bind it where the SQL says {@code ?::interval}. */
  @CanIgnoreReturnValue
  public SqlArguments interval(@Nullable Long micros) throws SQLException {
    return text(micros == null ? null : intervalText(micros));
  }

  @CanIgnoreReturnValue
  public SqlArguments texts(@Nullable String @Nullable [] values) throws SQLException {
    return array("text", values);
  }

  @CanIgnoreReturnValue
  public SqlArguments blobs(byte @Nullable [] @Nullable [] values) throws SQLException {
    return array("bytea", values);
  }

  @CanIgnoreReturnValue
  public SqlArguments int8s(@Nullable Long @Nullable [] values) throws SQLException {
    return array("int8", values);
  }

  @CanIgnoreReturnValue
  public SqlArguments intervals(@Nullable Long @Nullable [] micros) throws SQLException {
    if (micros == null) {
      return array("interval", null);
    }
    @Nullable String[] texts = new @Nullable String[micros.length];
    for (int i = 0; i < texts.length; i++) {
      Long value = micros[i];
      texts[i] = value == null ? null : intervalText(value);
    }
    return array("interval", texts);
  }

  @CanIgnoreReturnValue
  private SqlArguments array(String type, @Nullable Object @Nullable [] values)
      throws SQLException {
    if (values == null) {
      statement.setNull(++index, Types.ARRAY, "_" + type);
    } else {
      statement.setArray(++index, statement.getConnection().createArrayOf(type, values));
    }
    return this;
  }

  private static String intervalText(long micros) {
    return micros + " microseconds";
  }
}
