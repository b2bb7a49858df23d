package io.howdah.bench.session;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.measure.Tournament;
import io.howdah.bench.server.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Begins every contestant's sessions, then plays a case for each workload and thread count. */
public final class SessionBench {

  /**
   * Redis is the one that writes nothing to disk, the quickest. Spring Session JDBC is the one that
   * waits for the disk where the contestant does, so that no ratio flatters.
   */
  private static final List<Comparison> COMPARISONS =
      List.of(
          new Comparison(
              "× Spring Redis",
              Round::callsPerSecond,
              (profile, workload) -> List.of("spring-redis", "spring-redis-everysec")),
          new Comparison(
              "× Spring JDBC",
              Round::callsPerSecond,
              (profile, workload) ->
                  profile.durability() == Durability.DURABLE
                      ? List.of("spring-jdbc")
                      : List.of("spring-jdbc-relaxed", "spring-jdbc")));

  private final SessionBenchSettings settings;
  private final Servers servers;
  private final Progress progress;
  private final List<SessionContestant> contestants = new ArrayList<>();

  public SessionBench(SessionBenchSettings settings, Servers servers, Progress progress) {
    this.settings = settings;
    this.servers = servers;
    this.progress = progress;
  }

  /** Starts the servers and begins the sessions. */
  public void prepare() throws Exception {
    Attributes attributes = new Attributes(settings.sessionBytes());
    for (String name : settings.targets()) {
      SessionTarget target = SessionTargets.create(name, servers, settings);
      SessionContestant contestant = new SessionContestant(target, settings.sessions());
      progress.phase("beginning " + settings.sessions() + " sessions: " + target.profile().label());
      contestant.load(attributes);
      contestants.add(contestant);
    }
  }

  /** The contestants, in the order of the settings; there are some after {@link #prepare}. */
  public List<Profile> profiles() {
    return contestants.stream().map(SessionContestant::profile).toList();
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
        servers.settle();
        List<Contestant> playing = List.copyOf(contestants);
        results.addAll(tournament.play(new Case(workload.id(), threads), playing));
        afterEachCase.accept(List.copyOf(results));
      }
    }
    return results;
  }

  private Duration plannedTime() {
    long cases = (long) settings.workloads().size() * settings.threads().size();
    return settings.schedule().perContestant().multipliedBy(cases * contestants.size());
  }
}
