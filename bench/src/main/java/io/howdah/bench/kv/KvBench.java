package io.howdah.bench.kv;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** Gets and sets, side by side. */
public final class KvBench extends SideBySideBench<KvSettings> {

  public KvBench(KvSettings settings, Servers servers, Progress progress) {
    super(settings, servers, progress);
  }

  @Override
  protected Contestant load(String name) throws Exception {
    KvTarget target = KvTargets.ALL.create(name, servers, settings);
    KvContestant contestant =
        new KvContestant(target, new Dataset(settings.keys(), settings.valueBytes()));
    progress.phase("loading " + settings.keys() + " keys into " + target.profile().label());
    contestant.load();
    return contestant;
  }

  @Override
  public List<Comparison> comparisons() {
    return KvComparisons.ALL;
  }
}
