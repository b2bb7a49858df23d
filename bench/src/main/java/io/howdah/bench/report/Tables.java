package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Ratio;
import io.howdah.bench.measure.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of a report. */
final class Tables {

  private static final String NOTHING = "–";

  private Tables() {}

  /** Calls per second of one workload: a row for each who played it, a column for each case. */
  static Table overview(Report report, String workload) {
    List<Integer> threadCounts = report.threadCounts();
    List<String> headers = new ArrayList<>(List.of("Calls per second"));
    threadCounts.forEach(threads -> headers.add(threads(threads)));
    Table table = new Table(headers);
    Set<Profile> players =
        report.of(workload).stream().map(CaseResult::profile).collect(Collectors.toSet());
    for (Profile contestant : report.contestants()) {
      if (!players.contains(contestant)) {
        continue;
      }
      List<String> row = new ArrayList<>(List.of(contestant.label()));
      for (int threads : threadCounts) {
        row.add(report.of(workload, threads, contestant).map(Tables::median).orElse(NOTHING));
      }
      table.add(row);
    }
    return table;
  }

  /** All that is known of these results: a row for each. */
  static Table details(Report report, List<CaseResult> results, boolean withThreads) {
    List<String> headers = new ArrayList<>(List.of("Store"));
    if (withThreads) {
      headers.add("threads");
    }
    headers.addAll(List.of("calls/s", "min – max", "p50", "p99", "p99.9"));
    report.comparisons().stream().map(Comparison::heading).forEach(headers::add);
    Table table = new Table(headers);
    for (CaseResult result : results) {
      List<String> row = new ArrayList<>(List.of(result.profile().label()));
      if (withThreads) {
        row.add(Integer.toString(result.measured().threads()));
      }
      row.addAll(figures(result));
      Map<String, Ratio> ratios = report.ratios(result);
      for (Comparison comparison : report.comparisons()) {
        Ratio ratio = ratios.get(comparison.heading());
        row.add(ratio == null ? NOTHING : Figures.ratio(ratio.spread().median()));
      }
      table.add(row);
    }
    return table;
  }

  static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private static List<String> figures(CaseResult result) {
    if (!result.isValid()) {
      return List.of("VOID", NOTHING, NOTHING, NOTHING, NOTHING);
    }
    Spread throughput = result.throughput();
    Latencies latencies = result.latencies();
    return List.of(
        Figures.thousands(throughput.median()),
        Figures.thousands(throughput.min()) + " – " + Figures.thousands(throughput.max()),
        Figures.micros(latencies.p50()),
        Figures.micros(latencies.p99()),
        Figures.micros(latencies.p999()));
  }

  private static String median(CaseResult result) {
    return result.isValid() ? Figures.thousands(result.throughput().median()) : "VOID";
  }
}
