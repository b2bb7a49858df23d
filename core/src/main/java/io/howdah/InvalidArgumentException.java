package io.howdah;

import org.jspecify.annotations.Nullable;

/** An argument outside its limits. Nothing was sent to the database, or it refused the argument. */
public final class InvalidArgumentException extends HowdahException {
  private static final long serialVersionUID = 1L;

  private final String argument;

  public InvalidArgumentException(String argument, String message) {
    this(argument, message, null);
  }

  public InvalidArgumentException(String argument, String message, @Nullable Throwable cause) {
    super(ErrorCode.INVALID_ARGUMENT, message, cause);
    this.argument = argument;
  }

  /** The name of the argument, as in the message. */
  public String argument() {
    return argument;
  }
}
