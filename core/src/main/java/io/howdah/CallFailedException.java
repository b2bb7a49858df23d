package io.howdah;

import org.jspecify.annotations.Nullable;

/**
 * A call that ended without an answer: its deadline passed, the connection broke, or its thread was
 * interrupted. A write of unknown outcome is never repeated by Howdah.
 */
public final class CallFailedException extends HowdahException {
  private static final long serialVersionUID = 1L;

  /** What is known of a write that got no answer. Reads are always {@link #NOT_APPLIED}. */
  public enum Outcome {
    /** It has not happened, and will not. */
    NOT_APPLIED,
    /** It may have happened, or may still happen. */
    UNKNOWN
  }

  private final Outcome outcome;

  public CallFailedException(
      ErrorCode code, Outcome outcome, String message, @Nullable Throwable cause) {
    super(
        code,
        message + (outcome == Outcome.UNKNOWN ? " (the write may have happened)" : ""),
        cause);
    this.outcome = outcome;
  }

  public Outcome outcome() {
    return outcome;
  }
}
