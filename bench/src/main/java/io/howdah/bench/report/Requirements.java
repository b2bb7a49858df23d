package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Ratio;
import io.howdah.bench.measure.Round;
import io.howdah.bench.measure.Spread;
import io.howdah.bench.scale.Axis;
import io.howdah.bench.scale.Rung;
import io.howdah.bench.scale.ScaleSettings;
import java.util.List;
import java.util.Optional;

/** What must hold when there is more of something, beside what was measured. */
public final class Requirements {

  private final Report report;
  private final Table table = new Table(List.of("GET", "wanted", "measured", "least – most", ""));

  private Requirements(Report report) {
    this.report = report;
  }

  /** The requirements of an axis, as far as what they are about was measured. */
  public static Findings of(ScaleSettings settings, Report report) {
    Requirements requirements = new Requirements(report);
    requirements.check(settings);
    return Findings.NONE.and("What must hold", requirements.table);
  }

  private void check(ScaleSettings settings) {
    switch (settings.axis()) {
      case KEYS -> {
        for (String each : settings.contestants()) {
          add(
              label(each) + ": 10 million keys, times 100 thousand",
              0.7,
              new Rung(each, 10_000_000),
              new Rung(each, 100_000));
        }
      }
      case LATENCY -> {
        for (int micros : settings.values()) {
          add(
              "%d callers, %s: Howdah on %d lanes, times a statement per call on %d connections"
                  .formatted(
                      settings.callers(),
                      Axis.LATENCY.describe(micros),
                      settings.lanes(),
                      settings.connections()),
              micros == 1_000 ? 10 : 0,
              new Rung("howdah-ephemeral", micros),
              new Rung("jdbc", micros));
        }
      }
      case PROCESSES -> {
        for (int processes : settings.values()) {
          add(
              "%,d callers in %d processes: Howdah on %s in each, through PgBouncer, times Redis through Lettuce"
                  .formatted(
                      settings.callers(),
                      processes,
                      settings.lanes() == 1 ? "one lane" : settings.lanes() + " lanes"),
              0.7,
              new Rung("howdah-pgbouncer", processes),
              new Rung("lettuce", processes));
        }
      }
      case VALUES, CALLERS -> {
        // Nothing is asked of them.
      }
    }
  }

  /**
   * @param wanted the least ratio; 0 where none is asked for
   */
  private void add(String what, double wanted, Rung contestant, Rung baseline) {
    result(contestant)
        .flatMap(result ->
            result(baseline).flatMap(other -> Ratio.of(result, other, Round::callsPerSecond)))
        .ifPresent(ratio -> {
          Spread spread = ratio.spread();
          table.add(
              List.of(
                  what,
                  wanted == 0 ? "–" : Figures.ratio(wanted),
                  Figures.ratio(spread.median()),
                  Figures.ratio(spread.min()) + " – " + Figures.ratio(spread.max()),
                  wanted == 0 ? "" : spread.median() >= wanted ? "holds" : "DOES NOT HOLD"));
        });
  }

  private Optional<CaseResult> result(Rung rung) {
    return report.of("get").stream()
        .filter(each -> each.isValid() && each.profile().name().equals(rung.name()))
        .findFirst();
  }

  private String label(String target) {
    return report.contestants().stream()
        .filter(
            each -> Rung.of(each.name()).filter(rung -> rung.target().equals(target)).isPresent())
        .map(each -> ScaleCharts.line(each))
        .findFirst()
        .orElse(target);
  }
}
