package io.howdah.cli.doctor;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report for people, 100 columns wide; only what is to be copied may be wider. */
public final class TextReport {
  private static final int WIDTH = 100;
  private static final int INDENT = 10;

  /** What facts are called here, in their order; one without a name is told in another's line. */
  private static final Map<String, String> NAMES = names();

  private final PrintWriter out;

  public TextReport(PrintWriter out) {
    this.out = out;
  }

  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("postgres", "Postgres");
    names.put("provider", "managed by");
    names.put("database", "database");
    names.put("role", "looked at as");
    names.put("pooler", "pooler");
    names.put("connections", "connections");
    names.put("shared_buffers", "memory");
    names.put("hstore", "hstore");
    names.put("pg_cron", "pg_cron");
    return names;
  }

  /** Writes it, and says nothing about what is well. */
  public void write(Report report) {
    facts(report.facts());
    for (Finding finding : report.findings()) {
      out.println();
      String title =
          finding.severity().name()
              + " ".repeat(INDENT - finding.severity().name().length())
              + finding.ailment().id()
              + (finding.subject() == null ? "" : ": " + finding.subject());
      out.println(title);
      paragraph("Seen", finding.seen());
      paragraph("Why", finding.ailment().harm());
      String label = "Do";
      for (String step : finding.remedy()) {
        out.println(labelled(label) + step);
        label = "";
      }
    }
    out.println();
    out.println(summary(report.findings()));
    skipped(report.skipped());
    out.flush();
  }

  private void facts(Map<String, String> facts) {
    NAMES.forEach((fact, name) -> {
      String value = facts.get(fact);
      if (value != null && !(fact.equals("provider") && value.equals("none"))) {
        out.println(String.format(Locale.ROOT, "%-14s%s", name, told(fact, value, facts)));
      }
    });
  }

  private static String told(String fact, String value, Map<String, String> facts) {
    return switch (fact) {
      case "postgres" ->
          value + (Boolean.parseBoolean(facts.get("standby")) ? ", a standby" : ", a primary");
      case "provider" -> Provider.of(value).title();
      case "connections" -> value + " of " + facts.get("max_connections");
      case "shared_buffers" ->
          "shared_buffers "
              + value
              + (facts.containsKey("schema_size")
                  ? ", the schema takes " + facts.get("schema_size")
                  : "");
      case "pooler" ->
          value.equals("none")
              ? "none in between"
              : value
                  + " mode"
                  + switch (facts.getOrDefault("pooler_prepares", "")) {
                    case "true" -> ", prepared statements come through";
                    case "false" -> ", prepared statements do not come through";
                    default -> "";
                  };
      case "hstore", "pg_cron" ->
          value.equals("available") ? "available, not installed" : "installed, " + value;
      default -> value;
    };
  }

  private static String summary(List<Finding> findings) {
    if (findings.isEmpty()) {
      return "Nothing to mend.";
    }
    List<String> counts = new ArrayList<>();
    for (Severity severity : Severity.values()) {
      long count = findings.stream().filter(finding -> finding.severity() == severity).count();
      if (count > 0) {
        counts.add(
            count
                + " "
                + severity.text()
                + (count > 1 && severity != Severity.CRITICAL ? "s" : ""));
      }
    }
    return String.join(", ", counts) + ". docs/doctor.md tells more about each.";
  }

  private void skipped(Map<Ailment, String> skipped) {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    skipped.forEach((ailment, reason) ->
        byReason.computeIfAbsent(reason, none -> new ArrayList<>()).add(ailment.id()));
    byReason.forEach((reason, ids) ->
        wrap("Not looked at: " + String.join(", ", ids) + " (" + reason + ").", "", ""));
  }

  private void paragraph(String label, String text) {
    wrap(text, labelled(label), labelled(""));
  }

  private static String labelled(String label) {
    return " ".repeat(INDENT) + String.format(Locale.ROOT, "%-6s", label);
  }

  private void wrap(String text, String first, String next) {
    StringBuilder line = new StringBuilder(first);
    boolean begun = false;
    for (String word : text.split(" ", -1)) {
      if (begun && line.length() + 1 + word.length() > WIDTH) {
        out.println(line);
        line = new StringBuilder(next);
        begun = false;
      }
      line.append(begun ? " " : "").append(word);
      begun = true;
    }
    out.println(line);
  }
}
