package io.howdah.bench.spring;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** Spring Session and {@code @Cacheable}, side by side. */
public final class SpringBench extends SideBySideBench<SpringBenchSettings> {

  /**
   * Redis is the one that writes nothing to disk, the quickest. Spring Session JDBC is the one that
   * waits for the disk where the contestant does, so that no ratio flatters. Of Redis's two session
   * repositories the indexed one knows whose sessions they are, as the others do.
   */
  private static final List<Comparison> COMPARISONS =
      List.of(
          new Comparison(
              "× Redis",
              Round::callsPerSecond,
              (profile, workload) ->
                  workload.equals(Workload.HIT.id())
                      ? List.of("cacheable-redis")
                      : List.of("spring-redis-indexed")),
          new Comparison(
              "× Redis without index",
              Round::callsPerSecond,
              (profile, workload) -> List.of("spring-redis")),
          new Comparison(
              "× Spring JDBC",
              Round::callsPerSecond,
              (profile, workload) ->
                  profile.durability() == Durability.DURABLE
                      ? List.of("spring-jdbc")
                      : List.of("spring-jdbc-relaxed", "spring-jdbc")));

  public SpringBench(SpringBenchSettings settings, Servers servers, Progress progress) {
    super(settings, servers, progress);
  }

  @Override
  protected Contestant load(String name) throws Exception {
    progress.phase("loading " + name);
    return SpringTargets.ALL.create(name, servers, settings);
  }

  @Override
  public List<Comparison> comparisons() {
    return COMPARISONS;
  }
}
