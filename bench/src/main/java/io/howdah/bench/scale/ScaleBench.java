package io.howdah.bench.scale;

import io.howdah.bench.kv.CallerProcesses;
import io.howdah.bench.kv.KvContestant;
import io.howdah.bench.kv.KvSettings;
import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Round;
import io.howdah.bench.server.Servers;
import io.howdah.bench.sidebyside.SideBySideBench;
import java.util.List;

/** The same calls with more and more of something. */
public final class ScaleBench extends SideBySideBench<ScaleSettings> {

  private static final String REDIS = "lettuce";

  public ScaleBench(ScaleSettings settings, Servers servers, Progress progress) {
    super(settings, servers, progress);
  }

  @Override
  protected Contestant load(String name) throws Exception {
    Rung rung = Rung.of(name).orElse(new Rung(name, 0));
    KvSettings of = settings.of(rung);
    Contestant contestant = KvContestant.loaded(rung.target(), servers, of, progress);
    if (settings.axis() == Axis.PROCESSES) {
      contestant = new CallerProcesses(contestant, servers, of, rung.value());
    }
    return settings.axis() == Axis.CALLERS
        ? contestant
        : new OnRung(contestant, named(contestant.profile(), rung));
  }

  private Profile named(Profile profile, Rung rung) {
    return new Profile(
        rung.name(),
        profile.label() + ", " + settings.axis().describe(rung.value()),
        profile.driving(),
        profile.family(),
        profile.durability());
  }

  @Override
  public List<Comparison> comparisons() {
    return List.of(
        new Comparison(
            "× Redis",
            Round::callsPerSecond,
            (profile, workload) ->
                List.of(
                    Rung.of(profile.name())
                        .map(rung -> new Rung(REDIS, rung.value()).name())
                        .orElse(REDIS))));
  }

  /** A contestant under the name of its rung. */
  private record OnRung(Contestant contestant, Profile profile) implements Contestant {

    @Override
    public boolean plays(String workload) {
      return contestant.plays(workload);
    }

    @Override
    public Session open(Case measured) throws Exception {
      return contestant.open(measured);
    }
  }
}
