package io.howdah.job;

import java.util.Locale;

/** Where a job is. */
public enum JobState {
  /** It is due, or will be. */
  WAITING,
  /** A worker has a lease on it, which may have ended. */
  RUNNING,
  /** It was done. */
  COMPLETED,
  /** Its last attempt failed: nobody runs it again, unless somebody says so. */
  DEAD,
  /** Somebody ended it. */
  CANCELLED;

  /** As SQL has it. */
  public String sqlName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static JobState of(String sqlName) {
    return valueOf(sqlName.toUpperCase(Locale.ROOT));
  }
}
