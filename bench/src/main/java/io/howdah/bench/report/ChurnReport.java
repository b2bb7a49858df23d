package io.howdah.bench.report;

import io.howdah.bench.churn.ChurnResult;
import io.howdah.bench.churn.ChurnResult.Change;
import io.howdah.bench.churn.ChurnSample;
import io.howdah.bench.churn.ChurnSample.Phase;
import io.howdah.bench.churn.Probe;
import io.howdah.bench.churn.TableSample;
import java.awt.Color;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The reports of {@code bench churn}. */
public final class ChurnReport {

  /** What is promised: so much of the throughput is left, and tables are at most so large. */
  private static final double LEAST_THROUGHPUT = 0.9;

  private static final double MOST_TIMES_LIVE_SIZE = 2;

  private static final int TIMELINE_ROWS = 12;
  private static final String NOTHING = "–";
  private static final List<Color> COLOURS =
      List.of(new Color(0x1d4ed8), new Color(0xf97316), new Color(0x6b7280), new Color(0x06b6d4));

  private final RunInfo run;
  private final ChurnResult result;
  private final boolean snapshot;

  public ChurnReport(RunInfo run, ChurnResult result) {
    this.run = run;
    this.result = result;
    this.snapshot = Boolean.parseBoolean(run.setting("snapshot"));
  }

  /** The last sample, in a line. */
  public static String line(ChurnResult result) {
    ChurnSample sample = result.samples().get(result.samples().size() - 1);
    StringBuilder line = new StringBuilder();
    line.append(
        String.format(
            Locale.ROOT,
            "[%4.0f s] %s calls/s, p50 %s, p99 %s",
            sample.atSeconds(),
            Figures.whole(sample.callsPerSecond()),
            Figures.micros(sample.latencies().p50()),
            Figures.micros(sample.latencies().p99())));
    sample
        .serverMicrosPerCall()
        .ifPresent(
            micros -> line.append(", server ").append(Figures.micros(micros)).append("/call"));
    if (!result.probes().isEmpty()) {
      Probe probe = result.probes().get(result.probes().size() - 1);
      line.append(", full speed ").append(Figures.thousands(probe.callsPerSecond()));
    }
    for (TableSample table : sample.tables()) {
      line.append(
          String.format(
              Locale.ROOT,
              "; %s %s, %s × live size, %s live, %s dead",
              table.table(),
              Figures.megabytes(table.bytes()),
              Figures.ratio(table.timesLiveSize()),
              Figures.whole(table.liveRows()),
              Figures.whole(table.deadRows())));
    }
    return line.toString();
  }

  /** Writes the report for programs. */
  public void writeJson(Path file) {
    JsonReport.write(json(), file);
  }

  /** Writes the report for people. */
  public void writeMarkdown(List<ChartFile> charts, Path file) throws IOException {
    Files.writeString(file, markdown(charts));
  }

  /** What came out, for the person who waits for it. */
  public void printSummary(PrintWriter out) {
    out.println();
    out.println(changes().toText());
    out.println(sizes().toText());
    promises().forEach(out::println);
    result.problems().forEach(each -> out.println("PROBLEM: " + each));
    out.flush();
  }

  private String markdown(List<ChartFile> charts) {
    StringBuilder text = new StringBuilder();
    text.append(MarkdownReport.warnings(run));
    text.append(MarkdownReport.origin(run));
    text.append(changes().toMarkdown()).append('\n');
    text.append(sizes().toMarkdown()).append('\n');
    promises().forEach(each -> text.append("- ").append(each).append(".\n"));
    result.problems().forEach(each -> text.append("- PROBLEM: ").append(each).append(".\n"));
    text.append('\n');
    charts.forEach(chart -> text.append(MarkdownReport.picture(chart)));
    text.append(MarkdownReport.conditions(run));
    text.append(reading()).append("\n\n<details><summary>Over time</summary>\n\n");
    text.append(timeline().toMarkdown()).append("\n</details>\n");
    return text.toString();
  }

  // ------------------------------------------------------------------------------------- tables

  private Table changes() {
    Table table =
        new Table(
            List.of(
                snapshot ? "While the snapshot is held" : "Of the measured time",
                "first third",
                "last third",
                "last / first"));
    add(table, "calls/s at full speed", result.fullSpeed(), Figures::thousands);
    add(table, "calls/s of the steady load", result.steadyRate(), Figures::whole);
    add(table, "server's processor time a call", result.serverMicrosPerCall(), Figures::micros);
    add(
        table,
        "p50 of the steady load",
        result.steady(each -> each.latencies().p50()),
        Figures::micros);
    add(
        table,
        "p99 of the steady load",
        result.steady(each -> each.latencies().p99()),
        Figures::micros);
    return table;
  }

  /** Writes a figure for people. */
  @FunctionalInterface
  private interface Writing {
    String of(double value);
  }

  private static void add(Table table, String name, Optional<Change> change, Writing writing) {
    table.add(
        List.of(
            name,
            change.map(each -> writing.of(each.first())).orElse(NOTHING),
            change.map(each -> writing.of(each.last())).orElse(NOTHING),
            change.map(each -> Figures.ratio(each.ratio())).orElse(NOTHING)));
  }

  private Table sizes() {
    Table table =
        new Table(
            List.of(
                "Table", "", "live rows", "dead rows", "size", "× live size", "at most", "HOT"));
    for (String name : result.tables()) {
      addSizes(table, name, Phase.STEADY, snapshot ? "snapshot held" : "measured time");
      if (snapshot) {
        addSizes(table, name, Phase.RECOVERY, "after it");
      }
    }
    return table;
  }

  private void addSizes(Table table, String name, Phase phase, String label) {
    List<TableSample> all = result.table(phase, name).toList();
    if (all.isEmpty()) {
      return;
    }
    TableSample first = all.get(0);
    TableSample last = all.get(all.size() - 1);
    table.add(
        List.of(
            name,
            label,
            Figures.whole(first.liveRows()) + " → " + Figures.whole(last.liveRows()),
            Figures.whole(first.deadRows()) + " → " + Figures.whole(last.deadRows()),
            Figures.megabytes(first.bytes()) + " → " + Figures.megabytes(last.bytes()),
            Figures.ratio(first.timesLiveSize()) + " → " + Figures.ratio(last.timesLiveSize()),
            Figures.ratio(result.mostTimesLiveSize(phase, name).orElse(0)),
            result.hotShare(phase, name).isPresent()
                ? Figures.percent(result.hotShare(phase, name).getAsDouble())
                : NOTHING));
  }

  /** Held against what was measured; with a snapshot nothing is promised. */
  private List<String> promises() {
    List<String> promises = new ArrayList<>();
    if (!snapshot) {
      result
          .fullSpeed()
          .ifPresent(change ->
              promises.add(
                  "Throughput at full speed keeps at least 90 %%: %s, %s"
                      .formatted(
                          kept(change.ratio() >= LEAST_THROUGHPUT),
                          Figures.percent(change.ratio()))));
      for (String table : result.tables()) {
        double most = result.mostTimesLiveSize(Phase.STEADY, table).orElse(0);
        promises.add(
            "%s stays within twice its live size: %s, at most %s times"
                .formatted(table, kept(most <= MOST_TIMES_LIVE_SIZE), Figures.ratio(most)));
      }
    }
    promises.add(
        "Answers: %s values read once more at the end, %d wrong answers, %d failures"
            .formatted(
                Figures.whole(result.checkedAtTheEnd()), result.wrongAnswers(), result.failures()));
    return promises;
  }

  private static String kept(boolean kept) {
    return kept ? "kept" : "NOT KEPT";
  }

  private Table timeline() {
    List<String> headers =
        new ArrayList<>(
            List.of("At", "phase", "calls/s", "p50", "p99", "max", "server/call", "full speed"));
    for (String name : result.tables()) {
      headers.addAll(List.of(name, "× live size", "live", "dead"));
    }
    Table table = new Table(headers);
    int step = Math.max(1, (result.samples().size() + TIMELINE_ROWS - 1) / TIMELINE_ROWS);
    for (int i = step - 1; i < result.samples().size(); i += step) {
      table.add(row(result.samples().get(i)));
    }
    return table;
  }

  private List<String> row(ChurnSample sample) {
    List<String> row =
        new ArrayList<>(
            List.of(
                Figures.whole(sample.atSeconds()) + " s",
                sample.phase().name().toLowerCase(Locale.ROOT),
                Figures.whole(sample.callsPerSecond()),
                Figures.micros(sample.latencies().p50()),
                Figures.micros(sample.latencies().p99()),
                Figures.micros(sample.latencies().max()),
                sample.serverMicrosPerCall().isPresent()
                    ? Figures.micros(sample.serverMicrosPerCall().getAsDouble())
                    : NOTHING,
                result.probes().stream()
                    .filter(each -> each.atSeconds() <= sample.atSeconds())
                    .reduce((earlier, later) -> later)
                    .map(each -> Figures.thousands(each.callsPerSecond()))
                    .orElse(NOTHING)));
    for (TableSample table : sample.tables()) {
      row.add(Figures.megabytes(table.bytes()));
      row.add(Figures.ratio(table.timesLiveSize()));
      row.add(Figures.whole(table.liveRows()));
      row.add(Figures.whole(table.deadRows()));
    }
    return row;
  }

  private String reading() {
    return """
    %s threads send %s calls a second, at random intervals: half of them reads, a fifth new values \
    that live for %s s, the others overwrite a value, give it a new end, or count one of 100 \
    counters, a tenth each. A latency counts from when the call was due. Every %s s there is a run \
    at full speed for %s s, without new values; first and last third are medians. Live rows are \
    counted; the live size is what so many rows took, with their index, when they had just been \
    loaded into the empty table. Each thread knows what its keys must hold and when they must be \
    gone, and checks every answer. Settings: %s.\
    """
        .formatted(
            run.setting("threads"),
            run.setting("rate"),
            run.setting("ttl"),
            run.setting("probe-every"),
            run.setting("probe"),
            MarkdownReport.joined(run.settings()));
  }

  // ------------------------------------------------------------------------------------- charts

  /** Writes all charts, each as SVG and as PNG, into a folder. */
  public List<ChartFile> writeCharts(Path folder, String baseName) throws IOException {
    ChartPicture.staysOffTheScreen();
    List<ChartFile> files = new ArrayList<>();
    String held = snapshot ? ", a snapshot held open until the line breaks off" : "";
    Lines speed = new Lines("Throughput" + held, "Thousand calls per second", "Seconds");
    addByPhase(speed, "full speed", 0, Probe::atSeconds, each -> each.callsPerSecond() / 1e3);
    addSamples(speed, "steady load", 1, each -> each.callsPerSecond() / 1e3);
    speed.write(folder, baseName + "-throughput");
    files.add(new ChartFile("throughput", "Throughput" + held, baseName + "-throughput"));

    Lines latency =
        new Lines("Latency" + held, "Milliseconds, from when a call was due", "Seconds");
    addSamples(latency, "p50", 0, each -> each.latencies().p50() / 1e3);
    addSamples(latency, "p99", 1, each -> each.latencies().p99() / 1e3);
    latency.write(folder, baseName + "-latency");
    files.add(new ChartFile("latency", "Latency" + held, baseName + "-latency"));

    Lines size =
        new Lines("Size of the tables" + held, "Times the size of the live values", "Seconds");
    for (int i = 0; i < result.tables().size(); i++) {
      int table = i;
      addSamples(size, result.tables().get(i), i, each -> each.tables().get(table).timesLiveSize());
    }
    size.write(folder, baseName + "-size");
    files.add(new ChartFile("size", "Size of the tables" + held, baseName + "-size"));
    return files;
  }

  private void addSamples(Lines lines, String label, int colour, ToDoubleFunction<ChurnSample> y) {
    for (Phase phase : Phase.values()) {
      addLine(lines, label, phase, colour, result.samples(phase), ChurnSample::atSeconds, y);
    }
  }

  private void addByPhase(
      Lines lines, String label, int colour, ToDoubleFunction<Probe> x, ToDoubleFunction<Probe> y) {
    for (Phase phase : Phase.values()) {
      addLine(lines, label, phase, colour, result.probes(phase), x, y);
    }
  }

  /** A line of its own for each phase: the gap between them is where the snapshot was released. */
  private static <T> void addLine(
      Lines lines,
      String label,
      Phase phase,
      int colour,
      List<T> points,
      ToDoubleFunction<T> x,
      ToDoubleFunction<T> y) {
    lines.add(
        phase == Phase.STEADY ? label : label + ", after it",
        points.stream().map(x::applyAsDouble).toList(),
        points.stream().map(y::applyAsDouble).toList(),
        COLOURS.get(colour % COLOURS.size()));
  }

  // --------------------------------------------------------------------------------------- JSON

  private Map<String, Object> json() {
    Map<String, Object> map = run.asMap(result.isValid());
    map.put("problems", result.problems());
    map.put("wrongAnswers", result.wrongAnswers());
    map.put("failures", result.failures());
    map.put("checkedAtTheEnd", result.checkedAtTheEnd());
    Map<String, Object> changes = new LinkedHashMap<>();
    result.fullSpeed().ifPresent(each -> changes.put("fullSpeed", json(each)));
    result.steadyRate().ifPresent(each -> changes.put("steadyRate", json(each)));
    result.serverMicrosPerCall().ifPresent(each -> changes.put("serverMicrosPerCall", json(each)));
    map.put("changes", changes);
    Map<String, Object> most = new LinkedHashMap<>();
    for (String table : result.tables()) {
      result
          .mostTimesLiveSize(Phase.STEADY, table)
          .ifPresent(value -> most.put(table, JsonReport.rounded(value, 3)));
    }
    map.put("mostTimesLiveSize", most);
    map.put("probes", result.probes().stream().map(ChurnReport::json).toList());
    map.put("samples", result.samples().stream().map(ChurnReport::json).toList());
    return map;
  }

  private static Map<String, Object> json(Change change) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("firstThird", JsonReport.rounded(change.first(), 1));
    map.put("lastThird", JsonReport.rounded(change.last(), 1));
    map.put("ratio", JsonReport.rounded(change.ratio(), 3));
    return map;
  }

  private static Map<String, Object> json(Probe probe) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("phase", probe.phase().name().toLowerCase(Locale.ROOT));
    map.put("atSeconds", JsonReport.rounded(probe.atSeconds(), 1));
    map.put("callsPerSecond", JsonReport.rounded(probe.callsPerSecond(), 1));
    return map;
  }

  private static Map<String, Object> json(ChurnSample sample) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("phase", sample.phase().name().toLowerCase(Locale.ROOT));
    map.put("atSeconds", JsonReport.rounded(sample.atSeconds(), 1));
    map.put("callsPerSecond", JsonReport.rounded(sample.callsPerSecond(), 1));
    map.put("latencyMicros", JsonReport.map(sample.latencies()));
    sample
        .serverMicrosPerCall()
        .ifPresent(micros -> map.put("serverMicrosPerCall", JsonReport.rounded(micros, 1)));
    map.put("tables", sample.tables().stream().map(ChurnReport::json).toList());
    return map;
  }

  private static Map<String, Object> json(TableSample table) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("table", table.table());
    map.put("bytes", table.bytes());
    map.put("indexBytes", table.indexBytes());
    map.put("liveRows", table.liveRows());
    map.put("liveBytes", table.liveBytes());
    map.put("timesLiveSize", JsonReport.rounded(table.timesLiveSize(), 3));
    map.put("deadRows", table.deadRows());
    map.put("updates", table.updates());
    map.put("hotUpdates", table.hotUpdates());
    map.put("backlogSeconds", JsonReport.rounded(table.backlogSeconds(), 1));
    return map;
  }
}
