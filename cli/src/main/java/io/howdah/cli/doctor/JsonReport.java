package io.howdah.cli.doctor;

import java.io.PrintWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report for programs; docs/doctor.md says what is in it, and that stays. */
public final class JsonReport {
  private static final int VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final PrintWriter out;

  public JsonReport(PrintWriter out) {
    this.out = out;
  }

  /** Writes it, as one object. */
  public void write(Report report) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("version", VERSION);
    root.put("worst", report.worst().map(Severity::text).orElse("none"));
    ObjectNode facts = root.putObject("facts");
    report.facts().forEach(facts::put);
    ArrayNode findings = root.putArray("findings");
    for (Finding finding : report.findings()) {
      ObjectNode node = findings.addObject();
      node.put("id", finding.ailment().id());
      node.put("severity", finding.severity().text());
      node.put("subject", finding.subject());
      node.put("seen", finding.seen());
      node.put("harm", finding.ailment().harm());
      ArrayNode remedy = node.putArray("remedy");
      finding.remedy().forEach(remedy::add);
    }
    ArrayNode skipped = root.putArray("skipped");
    report
        .skipped()
        .forEach(
            (ailment, reason) -> skipped.addObject().put("id", ailment.id()).put("reason", reason));
    out.println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root));
    out.flush();
  }
}
