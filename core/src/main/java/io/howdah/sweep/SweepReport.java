package io.howdah.sweep;

import java.time.Duration;
import java.util.Optional;

/**
 * What one batch of sweeping did.
 *
 * @param outcome whether it swept at all
 * @param pages how many pages of 8 KiB it looked at
 * @param removed how many dead rows it removed
 * @param evicted how many live rows it removed, of namespaces that were too large
 * @param isDone whether nothing is left to do now for this caller
 * @param nextIn how long until something is due; zero when there is more to do now
 * @param warning what somebody should know, such as a forgotten time to live
 */
public record SweepReport(
    Outcome outcome,
    long pages,
    long removed,
    long evicted,
    boolean isDone,
    Duration nextIn,
    Optional<String> warning) {

  /** Whether a batch swept. */
  public enum Outcome {
    /** It did. */
    SWEPT,
    /**
     * Another sweeper is at work, in this process or another, or somebody's open transaction has
     * swept: nothing was done.
     */
    BUSY,
    /** This is a standby, which has nothing to sweep: nothing was done. */
    STANDBY
  }
}
