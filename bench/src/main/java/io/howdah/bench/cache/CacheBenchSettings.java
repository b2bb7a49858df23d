package io.howdah.bench.cache;

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
 * @param keys how many values there are
 * @param valueBytes the length of each
 * @param workloads which calls
 * @param targets the names of the contestants, in the order of the reports
 * @param jdbcPool the largest number of pooled connections of a JDBC contestant
 */
public record CacheBenchSettings(
    List<Integer> threads,
    Schedule schedule,
    int keys,
    int valueBytes,
    List<Workload> workloads,
    List<String> targets,
    int jdbcPool)
    implements SideBySideSettings {

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
    return options;
  }

  @Override
  public List<WorkloadInfo> workloadInfos() {
    return workloads.stream().map(each -> each.info(keys)).toList();
  }

  @Override
  public int postgresConnections() {
    return CacheTargets.ALL.postgresConnections(
        this, Math.max(Collections.max(threads), CacheContestant.LOADING_THREADS));
  }
}
