package io.howdah.bench.cache;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** Caches of computed values, side by side. */
public final class CacheBench extends SideBySideBench<CacheBenchSettings> {

  public CacheBench(CacheBenchSettings settings, Servers servers, Progress progress) {
    super(settings, servers, progress);
  }

  @Override
  protected Contestant load(String name) throws Exception {
    CacheTarget target = CacheTargets.ALL.create(name, servers, settings);
    CacheContestant contestant =
        new CacheContestant(target, settings.keys(), settings.valueBytes());
    progress.phase("computing " + settings.keys() + " values: " + target.profile().label());
    contestant.load();
    return contestant;
  }

  @Override
  public List<Comparison> comparisons() {
    return List.of(
        new Comparison(
            "× Redis", Round::callsPerSecond, (profile, workload) -> List.of("redis-aside")));
  }
}
