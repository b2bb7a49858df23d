package io.howdah.stats;

import java.util.Map;

/**
 * Whether Howdah can work, and what is not as it should be.
 *
 * @param up whether Postgres answers
 * @param degraded what is wrong, and in words how; empty when all is well
 */
public record Health(boolean up, Map<Reason, String> degraded) {

  /** What may be wrong. */
  public enum Reason {
    /** Postgres gave no answer. */
    UNREACHABLE,
    /** The server is a standby: it takes no writes, and has no ephemeral values. */
    STANDBY,
    /** Wipes cannot be found. */
    WIPE_WATCH,
    /** Changes of feature flags cannot be seen: they stay as they were, or have their defaults. */
    FLAGS,
    /** Somebody has held a snapshot for more than an hour: the tables grow, and scans slow down. */
    OLD_SNAPSHOT,
    /** Nobody has swept for an hour: the tables grow. */
    NOT_SWEPT,
    /** The queue of notifications is more than half full: when it is full, NOTIFY fails. */
    NOTIFICATION_QUEUE,
    /** This process should hear of changes by notifications, and looks for them instead. */
    LISTENING
  }

  public Health {
    degraded = Map.copyOf(degraded);
  }
}
