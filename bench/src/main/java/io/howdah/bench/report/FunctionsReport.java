package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Comparison;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.measure.Ratio;
import io.howdah.bench.measure.WorkloadInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The reports of {@code bench functions}: a row for each case, a column for each contestant. */
public final class FunctionsReport {

  private FunctionsReport() {}

  /** Writes the report to a file, as Markdown. */
  public static void write(Report report, Path file) throws IOException {
    Files.writeString(file, text(report));
  }

  /** All cases at a glance. */
  public static void printSummary(Report report, PrintWriter out) {
    out.println(table(report).toText());
    report.contestants().forEach(each -> out.println("  " + each.label() + ": " + each.driving()));
    out.println(reading(report));
    out.flush();
  }

  private static String text(Report report) {
    return MarkdownReport.warnings(report.run())
        + MarkdownReport.origin(report.run())
        + table(report).toMarkdown()
        + "\n"
        + MarkdownReport.driving(report)
        + "\n"
        + MarkdownReport.conditions(report.run())
        + reading(report)
        + "\n";
  }

  /** A row for each case. */
  static Table table(Report report) {
    List<String> headers = new ArrayList<>(List.of("Median time of a statement"));
    report.contestants().forEach(each -> headers.add(each.label()));
    for (Comparison comparison : report.comparisons()) {
      headers.add(comparison.heading());
      headers.add("min – max");
    }
    Table table = new Table(headers);
    for (WorkloadInfo workload : report.workloads()) {
      if (!report.of(workload.id()).isEmpty()) {
        table.add(row(report, workload));
      }
    }
    return table;
  }

  private static List<String> row(Report report, WorkloadInfo workload) {
    List<String> row = new ArrayList<>(List.of(workload.label()));
    for (Profile contestant : report.contestants()) {
      row.add(
          report
              .of(workload.id(), 1, contestant)
              .filter(CaseResult::isValid)
              .map(result -> Figures.micros(result.latencies().p50()))
              .orElse("VOID"));
    }
    Map<String, Ratio> ratios = report.ratios(report.of(workload.id()).get(0));
    for (Comparison comparison : report.comparisons()) {
      Ratio ratio = ratios.get(comparison.heading());
      row.add(ratio == null ? "–" : Figures.ratio(ratio.spread().median()));
      row.add(
          ratio == null
              ? "–"
              : Figures.ratio(ratio.spread().min()) + " – " + Figures.ratio(ratio.spread().max()));
    }
    return row;
  }

  private static String reading(Report report) {
    Map<String, String> settings = report.run().settings();
    return """
    One thread on one connection sends a few statements of each kind in turn, so that whatever else \
    the machine does falls on both alike; %s rounds of %s s each, after a first warm-up of %s s. A \
    ratio is the median over the rounds of the ratio of the two median times: 1.10 is a cost of \
    10 %%. The engine sends a call that is alone as another statement: the rows of 1 key show what a \
    batch costs whatever its size. Settings: %s.\
    """
        .formatted(
            settings.get("rounds"),
            settings.get("seconds"),
            settings.get("first-warmup"),
            MarkdownReport.joined(settings));
  }
}
