package io.howdah;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A fault. Expected refusals (absent, lost the race) are values and never come as exceptions.
 *
 * <p>{@link #code()} is stable; the message is for people.
 */
public class HowdahException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public HowdahException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public HowdahException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public final ErrorCode code() {
    return code;
  }

  /** The SQLSTATE that the database gave, or null when the fault did not come from there. */
  public final @Nullable String sqlState() {
    return getCause() instanceof SQLException sql ? sql.getSQLState() : null;
  }
}
