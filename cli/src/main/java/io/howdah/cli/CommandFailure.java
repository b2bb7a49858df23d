package io.howdah.cli;

import org.jspecify.annotations.Nullable;

/** A command did not do what it was asked to; the message says why, in full. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CommandFailure(String message) {
    this(message, null);
  }

  public CommandFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
