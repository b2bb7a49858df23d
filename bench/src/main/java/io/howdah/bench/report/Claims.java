package io.howdah.bench.report;

import io.howdah.bench.kv.KvComparisons;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Ratio;
import io.howdah.bench.measure.WorkloadInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What is said of Redis and Postgres, beside what was measured with the most threads. */
public final class Claims {

  private static final String NOTHING = "–";
  private static final String NOT_MEASURED = "";

  private final Report report;
  private final int threads;

  private Claims(Report report) {
    this.report = report;
    threads = report.threadCounts().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** The claims, as far as what they are about was measured. */
  public static Findings of(Report report) {
    Claims claims = new Claims(report);
    String with = " (" + Tables.threads(claims.threads) + ")";
    return Findings.NONE
        .and(
            "Calls per second, said and measured" + with,
            claims.table(
                "Calls per second",
                claims.contestants(),
                Claims::said,
                result -> Optional.of(Figures.thousands(result.throughput().median()))))
        .and(
            "Latency, p50 and p99, said and measured" + with,
            claims.table(
                "Latency, p50 · p99",
                List.of(
                    "lettuce", "jdbc", "jdbc-pgbouncer", "howdah-ephemeral", "howdah-pgbouncer"),
                name -> name.equals("jdbc-pgbouncer") ? "below 1 ms" : NOTHING,
                result ->
                    Optional.of(
                        Figures.micros(result.latencies().p50())
                            + " · "
                            + Figures.micros(result.latencies().p99()))))
        .and(
            "Times what the same way of calling does on a logged table: median of the rounds, least – most"
                + with,
            claims.table(
                "Times logged",
                List.of(
                    "jdbc",
                    "pgbench",
                    "howdah-ephemeral",
                    "jdbc-relaxed",
                    "pgbench-relaxed",
                    "howdah-relaxed"),
                name -> name.endsWith("relaxed") ? NOTHING : "5 – 10, where much is written",
                claims::gain));
  }

  /** What is said of a contestant, in calls per second. */
  static String said(String contestant) {
    return switch (contestant) {
      case "lettuce", "lettuce-pipelined" -> "500k – 1,000k";
      case "jdbc-one" -> "5k – 15k";
      case "jdbc-pgbouncer", "pgbench-pgbouncer" -> "50k – 200k";
      default -> NOTHING;
    };
  }

  private List<String> contestants() {
    return report.contestants().stream().map(each -> each.name()).toList();
  }

  private Optional<String> gain(CaseResult result) {
    return Optional.ofNullable(report.ratios(result).get(KvComparisons.LOGGED))
        .map(Ratio::spread)
        .map(spread ->
            "%s (%s – %s)"
                .formatted(
                    Figures.ratio(spread.median()),
                    Figures.ratio(spread.min()),
                    Figures.ratio(spread.max())));
  }

  /** A row for each contestant, a column for each workload; none for what was not measured. */
  private Table table(
      String heading,
      List<String> contestants,
      Function<String, String> said,
      Function<CaseResult, Optional<String>> figure) {
    List<String> headers = new ArrayList<>(List.of(heading, "said"));
    report.workloads().stream().map(WorkloadInfo::label).forEach(headers::add);
    Table table = new Table(headers);
    for (String contestant : contestants) {
      List<String> figures =
          report.workloads().stream()
              .map(workload -> result(workload, contestant).flatMap(figure).orElse(NOT_MEASURED))
              .toList();
      if (!figures.stream().allMatch(NOT_MEASURED::equals)) {
        List<String> row = new ArrayList<>(List.of(label(contestant), said.apply(contestant)));
        row.addAll(figures);
        table.add(row);
      }
    }
    return table;
  }

  private Optional<CaseResult> result(WorkloadInfo workload, String contestant) {
    return report.of(workload.id()).stream()
        .filter(result -> result.measured().threads() == threads && result.isValid())
        .filter(result -> result.profile().name().equals(contestant))
        .findFirst();
  }

  private String label(String contestant) {
    return report.contestants().stream()
        .filter(each -> each.name().equals(contestant))
        .map(each -> each.label())
        .findFirst()
        .orElse(contestant);
  }
}
