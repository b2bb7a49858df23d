package io.howdah.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a reader is told before the figures: tables, each under a line that says what it is. */
public final class Findings {

  /** Nothing but the figures. */
  public static final Findings NONE = new Findings(List.of());

  private final List<Part> parts;

  private record Part(String heading, Table table) {}

  private Findings(List<Part> parts) {
    this.parts = parts;
  }

  /** These, and another table, unless it is empty. */
  Findings and(String heading, Table table) {
    if (table.isEmpty()) {
      return this;
    }
    List<Part> more = new ArrayList<>(parts);
    more.add(new Part(heading, table));
    return new Findings(List.copyOf(more));
  }

  /** For a terminal. */
  String toText() {
    return parts.stream()
        .map(each -> each.heading + "\n" + each.table.toText() + "\n")
        .collect(Collectors.joining());
  }

  String toMarkdown() {
    return parts.stream()
        .map(each -> "**" + each.heading + "**\n\n" + each.table.toMarkdown() + "\n")
        .collect(Collectors.joining());
  }
}
