package io.howdah.bench.scale;

import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.kv.KvTargets;
import io.howdah.bench.kv.Variant;
import io.howdah.bench.kv.Workload;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.WorkloadInfo;
import io.howdah.bench.sidebyside.SideBySideSettings;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is measured, and how long.
 *
 * @param axis of what there is more and more
 * @param values how much of it
 * @param callers the number of calling threads, where that is not what changes
 * @param keys how many keys there are, where that is not what changes
 * @param valueBytes the length of each value, where that is not what changes
 * @param workloads which calls
 * @param contestants who is measured with each of the values
 * @param connections of a JDBC pool
 * @param lanes of each Howdah; 0 for the library's default
 * @param sharedBuffersMib of the private Postgres
 */
public record ScaleSettings(
    Axis axis,
    List<Integer> values,
    Schedule schedule,
    int callers,
    int keys,
    int valueBytes,
    List<Workload> workloads,
    List<String> contestants,
    int connections,
    int lanes,
    int sharedBuffersMib)
    implements SideBySideSettings {

  /**
   * Where there is latency, lanes and pooled connections, unless somebody says otherwise: few
   * enough that the network limits a statement per call.
   */
  public static final int CONNECTIONS_FAR_AWAY = 4;

  @Override
  public List<Integer> threads() {
    return axis == Axis.CALLERS ? values : List.of(callers);
  }

  /** Each contestant with each value: they take turns with themselves as well. */
  @Override
  public List<String> targets() {
    return axis == Axis.CALLERS
        ? contestants
        : contestants.stream()
            .flatMap(each -> values.stream().map(value -> new Rung(each, value).name()))
            .toList();
  }

  @Override
  public int jdbcPool() {
    return connections;
  }

  /** The settings of one contestant with one value. */
  KvSettings of(Rung rung) {
    int value = rung.value();
    int edition = Math.max(0, values.indexOf(value));
    return new KvSettings(
        threads(),
        schedule,
        axis == Axis.KEYS ? value : keys,
        axis == Axis.VALUES ? value : valueBytes,
        workloads,
        List.of(rung.target()),
        connections,
        1,
        switch (axis) {
          case KEYS, VALUES -> new Variant(edition, Duration.ZERO, lanes);
          case LATENCY -> new Variant(edition, Duration.ofNanos(value * 1_000L), lanes);
          case CALLERS, PROCESSES -> new Variant(0, Duration.ZERO, lanes);
        });
  }

  @Override
  public List<WorkloadInfo> workloadInfos() {
    return workloads.stream().map(Workload::info).toList();
  }

  @Override
  public Map<String, String> asOptions() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("axis", axis.id());
    options.put("values", SideBySideSettings.joined(values));
    options.putAll(schedule.asOptions());
    if (axis != Axis.CALLERS) {
      options.put("callers", Integer.toString(callers));
    }
    if (axis != Axis.KEYS) {
      options.put("keys", Integer.toString(keys));
    }
    if (axis != Axis.VALUES) {
      options.put("value-bytes", Integer.toString(valueBytes));
    }
    options.put("ops", SideBySideSettings.joined(workloads.stream().map(Workload::id).toList()));
    options.put("targets", SideBySideSettings.joined(contestants));
    options.put("jdbc-pool", Integer.toString(connections));
    if (lanes > 0) {
      options.put("lanes", Integer.toString(lanes));
    }
    options.put("shared-buffers", Integer.toString(sharedBuffersMib));
    return options;
  }

  @Override
  public int postgresConnections() {
    int perValue =
        KvTargets.ALL.postgresConnections(contestants, connections, Collections.max(threads()));
    int times = axis == Axis.CALLERS ? 1 : axis == Axis.PROCESSES ? values.get(0) : values.size();
    return perValue * times;
  }
}
