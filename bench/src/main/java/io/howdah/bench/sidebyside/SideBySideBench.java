package io.howdah.bench.sidebyside;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Tournament;
import io.howdah.bench.measure.WorkloadInfo;
import io.howdah.bench.server.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Loads every contestant, then plays a case for each workload and number of threads.
 *
 * @param <S> what is measured
 */
public abstract class SideBySideBench<S extends SideBySideSettings> {

  protected final S settings;
  protected final Servers servers;
  protected final Progress progress;
  private final List<Contestant> contestants = new ArrayList<>();

  protected SideBySideBench(S settings, Servers servers, Progress progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** A contestant, with its server started and its data loaded. */
  protected abstract Contestant load(String target) throws Exception;

  /** What the contestants are compared with. */
  public abstract List<Comparison> comparisons();

  /** Starts the servers and loads the data. */
  public final void prepare() throws Exception {
    for (String target : settings.targets()) {
      contestants.add(load(target));
    }
  }

  /** The contestants, in the order of the settings; there are some after {@link #prepare}. */
  public final List<Profile> profiles() {
    return contestants.stream().map(Contestant::profile).toList();
  }

  /**
   * Measures.
   *
   * @param afterEachCase is given all results so far
   */
  public final List<CaseResult> run(Consumer<List<CaseResult>> afterEachCase) throws Exception {
    Tournament tournament = new Tournament(settings.schedule(), progress);
    List<CaseResult> results = new ArrayList<>();
    progress.begin(plannedTime());
    for (WorkloadInfo workload : settings.workloadInfos()) {
      List<Contestant> playing = playing(workload);
      for (int threads : settings.threads()) {
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
    long entries = settings.workloadInfos().stream().mapToLong(each -> playing(each).size()).sum();
    return settings.schedule().perContestant().multipliedBy(entries * settings.threads().size());
  }

  private List<Contestant> playing(WorkloadInfo workload) {
    return contestants.stream().filter(each -> each.plays(workload.id())).toList();
  }
}
