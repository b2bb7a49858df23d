package io.howdah.bench.channel;

import io.howdah.bench.measure.Latencies;
import java.util.List;

/**
 * What came out.
 *
 * @param published messages that were committed
 * @param publishSeconds how long that took
 * @param expected how often a message should have been handed over
 * @param delivered how often one was
 * @param dropped by full buffers
 * @param gaps that subscribers were told of
 * @param delays from when a message was due until it was handed over
 * @param commits the ways of committing
 */
public record ChannelResult(
    long published,
    double publishSeconds,
    long expected,
    long delivered,
    long dropped,
    long gaps,
    Latencies delays,
    List<Commits> commits) {

  /**
   * A way of writing rows durably.
   *
   * @param name for programs
   * @param label for people
   * @param rows that were written
   * @param commits that it took; 0 where that is not known
   */
  public record Commits(String name, String label, long rows, long commits, double seconds) {
    /** Rows that were written in a second. */
    public double rowsPerSecond() {
      return rows / seconds;
    }

    /** Commits in a second. */
    public double commitsPerSecond() {
      return commits / seconds;
    }
  }

  /** Between 0 and 1. */
  public double deliveredShare() {
    return expected == 0 ? 0 : (double) delivered / expected;
  }

  /**
   * Whether all is accounted for: what was not handed over was dropped, or the handler was told.
   */
  public boolean isValid() {
    return published > 0
        && delivered <= expected
        && (delivered + dropped == expected || gaps > 0)
        && commits.stream().allMatch(each -> each.rows() > 0);
  }
}
