package io.howdah.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A table: the first column is text, the others are figures and stand on the right. */
final class Table {

  private final List<String> headers;
  private final List<List<String>> rows = new ArrayList<>();

  Table(List<String> headers) {
    this.headers = List.copyOf(headers);
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  void add(List<String> row) {
    if (row.size() != headers.size()) {
      throw new IllegalArgumentException(
          "a row must have " + headers.size() + " cells, had " + row.size());
    }
    rows.add(List.copyOf(row));
  }

  /** Aligned with spaces, for a terminal. */
  String toText() {
    int[] widths = new int[headers.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = headers.get(column).length();
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    appendLine(text, headers, widths);
    for (int column = 0; column < widths.length; column++) {
      text.append(column == 0 ? "" : "  ").append("─".repeat(widths[column]));
    }
    text.append('\n');
    rows.forEach(row -> appendLine(text, row, widths));
    return text.toString();
  }

  private static void appendLine(StringBuilder text, List<String> cells, int[] widths) {
    for (int column = 0; column < widths.length; column++) {
      String cell = cells.get(column);
      String padding = " ".repeat(widths[column] - cell.length());
      text.append(column == 0 ? cell + padding : "  " + padding + cell);
    }
    // Trailing blanks would wrap on a narrow terminal.
    while (text.charAt(text.length() - 1) == ' ') {
      text.setLength(text.length() - 1);
    }
    text.append('\n');
  }

  String toMarkdown() {
    String rule =
        "|---|" + headers.stream().skip(1).map(header -> "---:|").collect(Collectors.joining());
    return line(headers)
        + rule
        + "\n"
        + rows.stream().map(Table::line).collect(Collectors.joining());
  }

  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }
}
