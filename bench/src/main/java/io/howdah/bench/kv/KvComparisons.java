package io.howdah.bench.kv;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Round;
import java.util.List;

/**
 * Whom a contestant is compared with. A store that writes is compared with one that promises the
 * same after a crash, or, where that did not take part, less, so that no ratio flatters. Reading
 * costs the same whatever a write promises, so gets are compared with the plainest store.
 */
public final class KvComparisons {

  private static final Comparison REDIS =
      new Comparison("× Redis", Round::callsPerSecond, KvComparisons::redis);

  /** With Redis and with a statement per call. */
  public static final List<Comparison> KV =
      List.of(REDIS, new Comparison("× JDBC", Round::callsPerSecond, KvComparisons::jdbc));

  /** What a weaker promise brings, with everything else as it is. */
  public static final String LOGGED = "× logged";

  /** With Redis, and with the same way of calling where each write waits for the disk. */
  public static final List<Comparison> REALITY =
      List.of(REDIS, new Comparison(LOGGED, Round::callsPerSecond, KvComparisons::logged));

  private KvComparisons() {}

  private static List<String> redis(Profile profile, String workload) {
    if (profile.name().equals("howdah-near")) {
      return List.of("lettuce-tracking", "lettuce");
    }
    if (!Workload.ofId(workload).writes()) {
      return List.of("lettuce");
    }
    return switch (profile.durability()) {
      case EPHEMERAL -> List.of("lettuce");
      case RELAXED -> List.of("lettuce-everysec", "lettuce");
      case DURABLE -> List.of("lettuce-fsync");
    };
  }

  private static List<String> logged(Profile profile, String workload) {
    if (!Workload.ofId(workload).writes()) {
      return List.of();
    }
    return switch (profile.name()) {
      case "jdbc", "jdbc-relaxed" -> List.of("jdbc-logged");
      case "pgbench", "pgbench-relaxed" -> List.of("pgbench-logged");
      case "howdah-ephemeral", "howdah-relaxed" -> List.of("howdah-durable");
      default -> List.of();
    };
  }

  private static List<String> jdbc(Profile profile, String workload) {
    if (!Workload.ofId(workload).writes()) {
      return List.of("jdbc", "jdbc-relaxed", "jdbc-logged");
    }
    return switch (profile.durability()) {
      case EPHEMERAL -> List.of("jdbc");
      case RELAXED -> List.of("jdbc-relaxed", "jdbc");
      case DURABLE -> List.of("jdbc-logged");
    };
  }
}
