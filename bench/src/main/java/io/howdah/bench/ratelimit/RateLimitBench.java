package io.howdah.bench.ratelimit;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** Rate limits, side by side. */
public final class RateLimitBench extends SideBySideBench<RateLimitSettings> {

  /** Bucket4j has a column for each of its modes: it is the faster one that counts. */
  private static final List<Comparison> COMPARISONS =
      List.of(
          comparison("× Redis", "redis-lua"),
          comparison("× Bucket4j SELECT", "bucket4j-select"),
          comparison("× Bucket4j advisory", "bucket4j-advisory"));

  public RateLimitBench(RateLimitSettings settings, Servers servers, Progress progress) {
    super(settings, servers, progress);
  }

  private static Comparison comparison(String heading, String baseline) {
    return new Comparison(heading, Round::callsPerSecond, (profile, workload) -> List.of(baseline));
  }

  @Override
  protected Contestant load(String name) throws Exception {
    RateLimitTarget target = RateLimitTargets.ALL.create(name, servers, settings);
    RateLimitContestant contestant = new RateLimitContestant(target, settings.keys());
    progress.phase("asking once for " + settings.keys() + " keys: " + target.profile().label());
    contestant.load();
    return contestant;
  }

  @Override
  public List<Comparison> comparisons() {
    return COMPARISONS;
  }
}
