package io.howdah.server;

import org.jspecify.annotations.Nullable;

/**
 * The server did not start, for a reason that the user can do something about: the message says it
 * in full.
 */
public final class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    this(message, null);
  }

  public StartupException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
