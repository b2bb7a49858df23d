package io.howdah.bench.sidebyside;

import io.howdah.bench.measure.Schedule;
import io.howdah.bench.measure.WorkloadInfo;
import io.howdah.bench.server.Servers;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is measured, by whom, and how long. */
public interface SideBySideSettings {

  /** The numbers of calling threads, each a case of its own. */
  List<Integer> threads();

  /** Rounds and their length. */
  Schedule schedule();

  /** The names of the contestants, in the order of the reports. */
  List<String> targets();

  /** The largest number of pooled connections of a JDBC contestant. */
  int jdbcPool();

  /** Which calls, as reports show them. */
  List<WorkloadInfo> workloadInfos();

  /** The settings in the words of the command line; nothing in it names a machine or a path. */
  Map<String, String> asOptions();

  /** How many connections to Postgres these settings may need at the same time. */
  int postgresConnections();

  /** The shared buffers of a private Postgres, in MiB. */
  default int sharedBuffersMib() {
    return Servers.SHARED_BUFFERS_MIB;
  }

  /** Values as an option takes them. */
  static String joined(List<?> values) {
    return values.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
