package io.howdah.bench.report;

import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.WorkloadInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The report as a piece of Markdown that can be pasted into a README. */
public final class MarkdownReport {

  private MarkdownReport() {}

  /**
   * Writes the report to a file.
   *
   * @param charts the names of the pictures beside it
   */
  public static void write(Report report, Findings findings, List<ChartFile> charts, Path file)
      throws IOException {
    Files.writeString(file, text(report, findings, charts));
  }

  private static String text(Report report, Findings findings, List<ChartFile> charts) {
    StringBuilder text = new StringBuilder();
    text.append(warnings(report.run()));
    text.append("Measured with `").append(report.run().command()).append("`, ");
    text.append(method(report)).append("\n\n");
    text.append(findings.toMarkdown());
    for (WorkloadInfo workload : report.workloads()) {
      text.append("**").append(workload.label()).append("**\n\n");
      text.append(Tables.overview(report, workload.id()).toMarkdown()).append('\n');
      charts.stream()
          .filter(chart -> chart.workload().equals(workload.id()))
          .forEach(chart -> text.append(picture(chart)));
    }
    text.append(conditions(report.run()));
    text.append("How each store was driven:\n\n").append(driving(report));
    text.append("\n<details><summary>Latencies, spread and ratios</summary>\n\n");
    for (WorkloadInfo workload : report.workloads()) {
      List<CaseResult> results = report.of(workload.id());
      if (!results.isEmpty()) {
        text.append("**").append(workload.label()).append("**\n\n");
        text.append(Tables.details(report, results, true).toMarkdown()).append('\n');
      }
    }
    text.append(reading(report)).append("\n\n</details>\n");
    return text.toString();
  }

  /** What makes the figures worth less; it stands in front of them. */
  static String warnings(RunInfo run) {
    return run.machine().warnings().stream()
        .map(each -> "> **Warning:** " + each + "\n\n")
        .collect(Collectors.joining());
  }

  /** What was typed, and on what it ran. */
  static String origin(RunInfo run) {
    return "Measured with `%s`, on %s. %s.\n\n"
        .formatted(run.command(), run.machine().describe(), versions(run));
  }

  /** What the machine and the servers were like. */
  static String conditions(RunInfo run) {
    StringBuilder text = new StringBuilder("The machine and the servers:\n\n");
    text.append("- ").append(run.machine().describeState()).append(".\n");
    run.servers()
        .forEach((server, settings) ->
            text.append("- ")
                .append(server)
                .append(": ")
                .append(escaped(joined(settings)))
                .append(".\n"));
    return text.append('\n').toString();
  }

  /** How each contestant was driven. */
  static String driving(Report report) {
    return report.contestants().stream()
        .map(each -> "- **%s**: %s.\n".formatted(each.label(), escaped(each.driving())))
        .collect(Collectors.joining());
  }

  static String picture(ChartFile chart) {
    return "![%s](%s.svg) [PNG](%s.png)\n\n"
        .formatted(chart.title(), chart.baseName(), chart.baseName());
  }

  static String joined(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + " " + setting.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Renderers make dashes and quotation marks of these. */
  private static String escaped(String text) {
    return text.replace("--", "\\-\\-").replace("''", "`''`");
  }

  static String method(Report report) {
    Map<String, String> settings = report.run().settings();
    return "on %s. %s. Medians of %s alternated rounds of %s s, each after %s s of warm-up, the first one of each case after %s s more; %s."
        .formatted(
            report.run().machine().describe(),
            versions(report.run()),
            settings.get("rounds"),
            settings.get("seconds"),
            settings.get("warmup"),
            settings.get("first-warmup"),
            stored(settings));
  }

  /** What there is to be read and written; not every benchmark stores both, or values. */
  private static String stored(Map<String, String> settings) {
    List<String> stored = new ArrayList<>();
    if (settings.containsKey("sessions")) {
      stored.add(
          settings.get("sessions") + " sessions of " + settings.get("session-bytes") + " bytes");
    }
    if (settings.containsKey("keys")) {
      String values = settings.get("value-bytes");
      stored.add(
          settings.get("keys")
              + " keys"
              + (values == null ? "" : ", values of " + values + " bytes"));
    }
    return String.join("; ", stored);
  }

  static String versions(RunInfo run) {
    String servers =
        run.servers().entrySet().stream()
            .map(server -> server.getKey() + " " + server.getValue().get("server_version"))
            .collect(Collectors.joining(", "));
    String libraries =
        run.libraries().entrySet().stream()
            .map(library -> library.getKey() + " " + library.getValue())
            .collect(Collectors.joining(", "));
    return servers + ", " + libraries;
  }

  private static String reading(Report report) {
    return """
    Every thread calls again as soon as it has its answer (a closed loop), so a latency is what a \
    caller of that load waits; percentiles are over the calls of all rounds. A ratio is the median \
    of the ratios of the single rounds. A store that writes is compared with one that promises the \
    same after a crash. Settings: %s.\
    """
        .formatted(joined(report.run().settings()));
  }
}
