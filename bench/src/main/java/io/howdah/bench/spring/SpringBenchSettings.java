package io.howdah.bench.spring;

import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.WorkloadInfo;
import io.howdah.bench.session.SessionBenchSettings;
import io.howdah.bench.session.SessionContestant;
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
 * @param sessions how many sessions there are
 * @param sessionBytes about how many bytes the attributes of each are, as JSON
 * @param keys how many values are cached
 * @param valueBytes about how many bytes each of them is, as JSON
 * @param workloads which calls
 * @param targets the names of the contestants, in the order of the reports
 * @param jdbcPool the largest number of pooled connections of a JDBC contestant
 */
public record SpringBenchSettings(
    List<Integer> threads,
    Schedule schedule,
    int sessions,
    int sessionBytes,
    int keys,
    int valueBytes,
    List<Workload> workloads,
    List<String> targets,
    int jdbcPool)
    implements SideBySideSettings {

  /** The least that {@code sessionBytes} can be. */
  public static final int LEAST_SESSION_BYTES = SessionBenchSettings.LEAST_SESSION_BYTES;

  /** The least that {@code valueBytes} can be. */
  public static final int LEAST_VALUE_BYTES = Catalogue.LEAST_BYTES;

  @Override
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("threads", SideBySideSettings.joined(threads));
    options.putAll(schedule.asOptions());
    options.put("sessions", Integer.toString(sessions));
    options.put("session-bytes", Integer.toString(sessionBytes));
    options.put("keys", Integer.toString(keys));
    options.put("value-bytes", Integer.toString(valueBytes));
    options.put("ops", SideBySideSettings.joined(workloads.stream().map(Workload::id).toList()));
    options.put("targets", SideBySideSettings.joined(targets));
    options.put("jdbc-pool", Integer.toString(jdbcPool));
    return options;
  }

  @Override
  public List<WorkloadInfo> workloadInfos() {
    return workloads.stream().map(Workload::info).toList();
  }

  @Override
  public int postgresConnections() {
    return SpringTargets.ALL.postgresConnections(
        this, Math.max(Collections.max(threads), SessionContestant.LOADING_THREADS));
  }
}
