package io.howdah.bench.ratelimit;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.measure.Tournament;
import io.howdah.bench.server.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Makes every contestant's keys, then plays a case for each workload and number of threads. */
public final class RateLimitBench {

  /** Bucket4j has a column for each of its modes: it is the faster one that counts. */
  private static final List<Comparison> COMPARISONS =
      List.of(
          comparison("× Redis", "redis-lua"),
          comparison("× Bucket4j SELECT", "bucket4j-select"),
          comparison("× Bucket4j advisory", "bucket4j-advisory"));

  private final RateLimitSettings settings;
  private final Servers servers;
  private final Progress progress;
  private final List<RateLimitContestant> contestants = new ArrayList<>();

  public RateLimitBench(RateLimitSettings settings, Servers servers, Progress progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  private static Comparison comparison(String heading, String baseline) {
    return new Comparison(heading, Round::callsPerSecond, (profile, workload) -> List.of(baseline));
  }

  /** Starts the servers and asks once for every key. */
  public void prepare() throws Exception {
    for (String name : settings.targets()) {
      RateLimitTarget target = RateLimitTargets.create(name, servers, settings);
      RateLimitContestant contestant = new RateLimitContestant(target, settings.keys());
      progress.phase("asking once for " + settings.keys() + " keys: " + target.profile().label());
      contestant.load();
      contestants.add(contestant);
    }
  }

  /** The contestants, in the order of the settings; there are some after {@link #prepare}. */
  public List<Profile> profiles() {
    return contestants.stream().map(RateLimitContestant::profile).toList();
  }

  /** What the contestants are compared with. */
  public List<Comparison> comparisons() {
    return COMPARISONS;
  }

  /**
   * Measures.
   *
   * @param afterEachCase is given all results so far
   */
  public List<CaseResult> run(Consumer<List<CaseResult>> afterEachCase) throws Exception {
    Tournament tournament = new Tournament(settings.schedule(), progress);
    List<CaseResult> results = new ArrayList<>();
    progress.begin(plannedTime());
    for (Workload workload : settings.workloads()) {
      for (int threads : settings.threads()) {
        List<Contestant> playing = playing(workload);
        if (!playing.isEmpty()) {
          servers.settle();
          results.addAll(tournament.play(new Case(workload.id(), threads), playing));
          afterEachCase.accept(List.copyOf(results));
        }
      }
    }
    return results;
  }

  private Duration plannedTime() {
    long entries = settings.workloads().stream().mapToLong(each -> playing(each).size()).sum();
    return settings.schedule().perContestant().multipliedBy(entries * settings.threads().size());
  }

  private List<Contestant> playing(Workload workload) {
    List<Contestant> playing = new ArrayList<>();
    for (RateLimitContestant contestant : contestants) {
      if (contestant.plays(workload)) {
        playing.add(contestant);
      }
    }
    return playing;
  }
}
