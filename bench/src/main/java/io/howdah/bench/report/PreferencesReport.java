package io.howdah.bench.report;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** The reports of {@code bench preferences}: a row for each question, a column for each storage. */
public final class PreferencesReport {

  private PreferencesReport() {}

  /**
   * Writes the report to a file, as Markdown.
   *
   * @param sizes the bytes of each storage when it was loaded, without the index
   */
  public static void write(Report report, Map<String, Long> sizes, Path file) throws IOException {
    Files.writeString(
        file,
        MarkdownReport.warnings(report.run())
            + MarkdownReport.origin(report.run())
            + FunctionsReport.table(report).toMarkdown()
            + "\n"
            + sizes(sizes)
            + "\n\n"
            + MarkdownReport.driving(report)
            + "\n"
            + MarkdownReport.conditions(report.run())
            + reading(report)
            + "\n");
  }

  /** All questions at a glance. */
  public static void printSummary(Report report, Map<String, Long> sizes, PrintWriter out) {
    out.println(FunctionsReport.table(report).toText());
    out.println(sizes(sizes));
    report.contestants().forEach(each -> out.println("  " + each.label() + ": " + each.driving()));
    out.println(reading(report));
    out.flush();
  }

  private static String sizes(Map<String, Long> sizes) {
    return sizes.entrySet().stream()
        .map(each -> each.getKey() + " " + each.getValue() / 1_024 + " KiB")
        .collect(Collectors.joining(", ", "Space without the index: ", "."));
  }

  private static String reading(Report report) {
    Map<String, String> settings = report.run().settings();
    return """
    One thread on one connection asks each storage a few times in turn; %s rounds of %s s each, after \
    a first warm-up of %s s. Commits do not wait for the disk, which takes longer than the rest. A \
    ratio is the median over the rounds of the ratio of the two median times. Settings: %s.\
    """
        .formatted(
            settings.get("rounds"),
            settings.get("seconds"),
            settings.get("first-warmup"),
            MarkdownReport.joined(settings));
  }
}
