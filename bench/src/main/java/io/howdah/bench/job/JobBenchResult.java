package io.howdah.bench.job;

import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.Spread;
import java.util.List;
import java.util.Optional;

/**
 * What came out.
 *
 * @param targets one each
 * @param claim taking with many jobs beside
 * @param problems what makes the figures worthless; none when all is well
 */
public record JobBenchResult(List<Target> targets, Optional<Claim> claim, List<String> problems) {
  /**
   * One target, in jobs per second: the medians of its rounds.
   *
   * @param name its name
   * @param enqueued by single calls of many threads, while workers do them
   * @param done until all of these were done
   * @param drained jobs that were there before the workers
   * @param idle from the return of enqueue to the beginning, when nothing else happens
   */
  public record Target(String name, Spread enqueued, Spread done, Spread drained, Latencies idle) {}

  /**
   * Taking and completing by one connection.
   *
   * @param finished how many were finished
   * @param due how many were due
   * @param perSecond jobs taken and completed, 100 at a time
   * @param take of one job, each in a statement of its own
   * @param held the same beside an old snapshot; empty when it was left out
   */
  public record Claim(
      int finished, int due, double perSecond, Latencies take, Optional<Held> held) {}

  /**
   * Taking while another transaction keeps a snapshot, so that vacuum removes nothing.
   *
   * @param jobs how many were taken and completed since that snapshot
   * @param during of one job then
   * @param after of one job when it had ended, and vacuum had run
   */
  public record Held(int jobs, Latencies during, Latencies after) {}
}
