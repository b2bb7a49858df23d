package io.howdah.cli.importing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of the records so far; kept with the place in the file, so that an import that goes
 * on counts on.
 */
public final class Tally {
  private static final int SHOWN_LINES = 5;

  private long stored;
  private final TreeMap<String, Reason> reasons = new TreeMap<>();

  /**
   * Records that were rejected for one reason.
   *
   * @param count how many
   * @param lines where the first of them are
   * @param example what was wrong with the first
   */
  public record Reason(long count, List<Long> lines, String example) {}

  /** As it is kept. */
  public record Snapshot(long stored, Map<String, Reason> rejected) {}

  public Tally() {}

  Tally(Snapshot before) {
    stored = before.stored();
    reasons.putAll(before.rejected());
  }

  Snapshot snapshot() {
    return new Snapshot(stored, Map.copyOf(reasons));
  }

  void stored(long count) {
    stored += count;
  }

  void rejected(Item.Rejected item) {
    Reason before = reasons.getOrDefault(item.reason(), new Reason(0, List.of(), item.detail()));
    List<Long> lines = new ArrayList<>(before.lines());
    if (lines.size() < SHOWN_LINES) {
      lines.add(item.line());
    }
    reasons.put(
        item.reason(), new Reason(before.count() + 1, List.copyOf(lines), before.example()));
  }

  public long stored() {
    return stored;
  }

  public long rejected() {
    return reasons.values().stream().mapToLong(Reason::count).sum();
  }

  /** A line for each reason, the most frequent one first. */
  public List<String> reasons() {
    return reasons.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue().count(), a.getValue().count()))
        .map(entry -> line(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static String line(String name, Reason reason) {
    String lines =
        reason.lines().stream()
            .map(line -> String.format(Locale.ROOT, "%,d", line))
            .collect(Collectors.joining(", "));
    String more = reason.count() > reason.lines().size() ? ", ..." : "";
    String example = name.equals(reason.example()) ? "" : "; the first: " + reason.example();
    return String.format(
        Locale.ROOT, "%,d: %s (line %s%s)%s", reason.count(), name, lines, more, example);
  }
}
