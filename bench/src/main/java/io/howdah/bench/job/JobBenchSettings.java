package io.howdah.bench.job;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is measured.
 *
 * @param targets of howdah, db-scheduler, jobrunr
 * @param jobs how many jobs a round has
 * @param rounds how often each has its turn
 * @param threads who do jobs, and who enqueue
 * @param idleJobs how many jobs, one after the other, measure how soon one begins
 * @param finished how many finished jobs are there when taking is measured
 * @param due how many due ones; 0 leaves this out
 * @param held how many are taken while a transaction stays open, at most half of those that are
 *     due; 0 leaves this out
 */
public record JobBenchSettings(
    List<String> targets,
    int jobs,
    int rounds,
    int threads,
    int idleJobs,
    int finished,
    int due,
    int held) {
  /** By the names of the options. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("targets", String.join(",", targets));
    options.put("jobs", Integer.toString(jobs));
    options.put("rounds", Integer.toString(rounds));
    options.put("threads", Integer.toString(threads));
    options.put("idle-jobs", Integer.toString(idleJobs));
    options.put("finished", Integer.toString(finished));
    options.put("due", Integer.toString(due));
    options.put("held", Integer.toString(held));
    return options;
  }
}
