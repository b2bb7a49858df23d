package io.howdah.bench.kv;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Tournament;
import io.howdah.bench.server.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Loads every contestant, then plays a case for each workload and number of threads. */
public final class KvBench {

  private final KvSettings settings;
  private final Servers servers;
  private final Progress progress;
  private final List<KvContestant> contestants = new ArrayList<>();

  public KvBench(KvSettings settings, Servers servers, Progress progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** Starts the servers and loads the data. */
  public void prepare() throws Exception {
    Dataset dataset = new Dataset(settings.keys(), settings.valueBytes());
    for (String name : settings.targets()) {
      KvTarget target = KvTargets.create(name, servers, settings);
      KvContestant contestant = new KvContestant(target, dataset);
      progress.phase("loading " + settings.keys() + " keys into " + target.profile().label());
      contestant.load();
      contestants.add(contestant);
    }
  }

  /** The contestants, in the order of the settings; there are some after {@link #prepare}. */
  public List<Profile> profiles() {
    return contestants.stream().map(KvContestant::profile).toList();
  }

  /** What the contestants are compared with. */
  public List<Comparison> comparisons() {
    return KvComparisons.ALL;
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
        servers.settle();
        results.addAll(tournament.play(new Case(workload.id(), threads), playing(workload)));
        afterEachCase.accept(List.copyOf(results));
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
    for (KvContestant contestant : contestants) {
      if (contestant.plays(workload)) {
        playing.add(contestant);
      }
    }
    return playing;
  }
}
