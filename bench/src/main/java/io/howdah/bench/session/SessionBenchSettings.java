package io.howdah.bench.session;

import io.howdah.bench.measure.Schedule;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is measured, and how long.
 *
 * @param threads the numbers of calling threads, each a case of its own
 * @param schedule rounds and their length
 * @param sessions how many sessions there are
 * @param sessionBytes about how many bytes the attributes of each are, as JSON
 * @param workloads which calls
 * @param targets the names of the contestants, in the order of the reports
 * @param jdbcPool the largest number of pooled connections of a JDBC contestant
 */
public record SessionBenchSettings(
    List<Integer> threads,
    Schedule schedule,
    int sessions,
    int sessionBytes,
    List<Workload> workloads,
    List<String> targets,
    int jdbcPool) {

  /** The least that {@code sessionBytes} can be. */
  public static final int LEAST_SESSION_BYTES = Attributes.LEAST_BYTES;

  /** For our own statements, and for whoever looks on with psql. */
  private static final int SPARE_CONNECTIONS = 10;

  /** The settings in the words of the command line; nothing in it names a machine or a path. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("threads", joined(threads));
    options.putAll(schedule.asOptions());
    options.put("sessions", Integer.toString(sessions));
    options.put("session-bytes", Integer.toString(sessionBytes));
    options.put("ops", joined(workloads.stream().map(Workload::id).toList()));
    options.put("targets", joined(targets));
    options.put("jdbc-pool", Integer.toString(jdbcPool));
    return options;
  }

  /** How many connections to Postgres these settings may need at the same time. */
  public int postgresConnections() {
    int mostThreads = Math.max(Collections.max(threads), SessionContestant.LOADING_THREADS);
    int largestPool = Math.min(jdbcPool, mostThreads);
    return SPARE_CONNECTIONS
        + targets.stream()
            .mapToInt(target -> SessionTargets.postgresConnections(target, largestPool))
            .sum();
  }

  private static String joined(List<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
