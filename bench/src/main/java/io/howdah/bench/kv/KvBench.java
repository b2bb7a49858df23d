package io.howdah.bench.kv;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** Gets, sets and increments, side by side. */
public final class KvBench extends SideBySideBench<KvSettings> {

  private final List<Comparison> comparisons;

  /**
   * @param comparisons whom the contestants are compared with
   */
  public KvBench(
      KvSettings settings, Servers servers, Progress progress, List<Comparison> comparisons) {
    super(settings, servers, progress);
    this.comparisons = comparisons;
  }

  @Override
  protected Contestant load(String name) throws Exception {
    return KvContestant.loaded(name, servers, settings, progress);
  }

  @Override
  public List<Comparison> comparisons() {
    return comparisons;
  }
}
