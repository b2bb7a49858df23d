package io.howdah.bench.kv;

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
 * @param keys how many keys there are
 * @param valueBytes the length of each value
 * @param workloads which calls
 * @param targets the names of the contestants, in the order of the reports
 * @param jdbcPool the largest number of pooled connections of a JDBC contestant
 * @param window how many calls each thread of a pipelined contestant keeps in flight
 */
public record KvSettings(
    List<Integer> threads,
    Schedule schedule,
    int keys,
    int valueBytes,
    List<Workload> workloads,
    List<String> targets,
    int jdbcPool,
    int window) {

  /**
   * The best size in a trial with 64 threads on two cores, over gets and sets, unlogged and logged:
   * 16 % more calls than with 32 connections, 8 % more than with 8, 3 % more than with 10.
   */
  public static final int DEFAULT_JDBC_POOL = 16;

  /** For our own statements, and for whoever looks on with psql. */
  private static final int SPARE_CONNECTIONS = 10;

  /** The settings in the words of the command line; nothing in it names a machine or a path. */
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("threads", joined(threads));
    options.putAll(schedule.asOptions());
    options.put("keys", Integer.toString(keys));
    options.put("value-bytes", Integer.toString(valueBytes));
    options.put("ops", joined(workloads.stream().map(Workload::id).toList()));
    options.put("targets", joined(targets));
    options.put("jdbc-pool", Integer.toString(jdbcPool));
    options.put("window", Integer.toString(window));
    return options;
  }

  /** How many connections to Postgres these settings may need at the same time. */
  public int postgresConnections() {
    int largestPool = Math.min(jdbcPool, Collections.max(threads));
    int connections = SPARE_CONNECTIONS;
    for (String target : targets) {
      connections += KvTargets.postgresConnections(target, largestPool);
    }
    return connections;
  }

  private static String joined(List<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
