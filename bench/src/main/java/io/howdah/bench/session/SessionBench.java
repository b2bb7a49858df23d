package io.howdah.bench.session;

import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** Sessions, side by side. */
public final class SessionBench extends SideBySideBench<SessionBenchSettings> {

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

  public SessionBench(SessionBenchSettings settings, Servers servers, Progress progress) {
    super(settings, servers, progress);
  }

  @Override
  protected Contestant load(String name) throws Exception {
    SessionTarget target = SessionTargets.ALL.create(name, servers, settings);
    SessionContestant contestant = new SessionContestant(target, settings.sessions());
    progress.phase("beginning " + settings.sessions() + " sessions: " + target.profile().label());
    contestant.load(settings.sessionBytes());
    return contestant;
  }

  @Override
  public List<Comparison> comparisons() {
    return COMPARISONS;
  }
}
