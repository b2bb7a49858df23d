package io.howdah.bench.kv;

import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.WorkloadInfo;
import io.howdah.bench.sidebyside.SideBySideSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
 * @param variant what is special about these contestants
 */
public record KvSettings(
    List<Integer> threads,
    Schedule schedule,
    int keys,
    int valueBytes,
    List<Workload> workloads,
    List<String> targets,
    int jdbcPool,
    int window,
    Variant variant)
    implements SideBySideSettings {

  /**
   * The best size in a trial with 64 threads on two cores, over gets and sets, unlogged and logged:
   * 16 % more calls than with 32 connections, 8 % more than with 8, 3 % more than with 10.
   */
  public static final int DEFAULT_JDBC_POOL = 16;

  @Override
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("threads", SideBySideSettings.joined(threads));
    options.putAll(schedule.asOptions());
    options.put("keys", Integer.toString(keys));
    options.put("value-bytes", Integer.toString(valueBytes));
    options.put("ops", SideBySideSettings.joined(workloads.stream().map(Workload::id).toList()));
    options.put("targets", SideBySideSettings.joined(targets));
    options.put("jdbc-pool", Integer.toString(jdbcPool));
    options.put("window", Integer.toString(window));
    return options;
  }

  @Override
  public List<WorkloadInfo> workloadInfos() {
    return workloads.stream().map(Workload::info).toList();
  }

  @Override
  public int postgresConnections() {
    return KvTargets.ALL.postgresConnections(this, Collections.max(threads));
  }
}
