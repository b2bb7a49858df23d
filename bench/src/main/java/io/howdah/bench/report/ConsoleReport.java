package io.howdah.bench.report;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.WorkloadInfo;
import java.io.PrintWriter;
import java.util.List;

/** The report for the person who waits for it. */
public final class ConsoleReport {

  private ConsoleReport() {}

  /** What makes the figures worth less, before anybody waits for them. */
  public static void printWarnings(Machine machine, PrintWriter out) {
    machine.warnings().forEach(warning -> out.println("WARNING: " + warning));
    out.flush();
  }

  /** One line, at once: a log of the run reads as well as the terminal. */
  public static void printLine(String line, PrintWriter out) {
    out.println(line);
    out.flush();
  }

  /** Machine, versions and settings. */
  public static void printSetting(RunInfo run, PrintWriter out) {
    out.println(run.machine().describe());
    out.println(run.machine().describeState());
    out.println(MarkdownReport.versions(run));
    out.println(run.command());
    run.servers()
        .forEach(
            (server, settings) -> out.println(server + ": " + MarkdownReport.joined(settings)));
    out.flush();
  }

  /** One case, as soon as it is done. */
  public static void printCase(Report report, Case measured, PrintWriter out) {
    List<CaseResult> results =
        report.results().stream().filter(each -> each.measured().equals(measured)).toList();
    out.println();
    out.println(report.label(measured.workload()) + ", " + Tables.threads(measured.threads()));
    out.println(Tables.details(report, results, false).toText());
    out.flush();
  }

  /** All cases at a glance, and how each store was driven. */
  public static void printSummary(Report report, Findings findings, PrintWriter out) {
    for (WorkloadInfo workload : report.workloads()) {
      out.println(workload.label());
      out.println(Tables.overview(report, workload.id()).toText());
    }
    report
        .contestants()
        .forEach(each -> out.println("  " + each.label() + ": " + each.driving() + "."));
    out.print(findings.toText());
    out.flush();
  }
}
