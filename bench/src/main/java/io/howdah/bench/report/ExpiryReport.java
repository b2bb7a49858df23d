package io.howdah.bench.report;

import io.howdah.bench.expiry.EvictionResult;
import io.howdah.bench.expiry.ExpiryResult;
import io.howdah.bench.expiry.MassExpiryResult;
import io.howdah.bench.expiry.RefreshResult;
import io.howdah.bench.measure.Latencies;
import java.awt.Color;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reports of {@code bench expiry}. */
public final class ExpiryReport {

  private static final Color BLUE = new Color(0x1d4ed8);
  private static final Color GREY = new Color(0x6b7280);

  private final RunInfo run;
  private final ExpiryResult result;

  public ExpiryReport(RunInfo run, ExpiryResult result) {
    this.run = run;
    this.result = result;
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
    tables().forEach(table -> out.println(table.toText()));
    result.problems().forEach(each -> out.println("PROBLEM: " + each));
    out.flush();
  }

  private String markdown(List<ChartFile> charts) {
    StringBuilder text = new StringBuilder();
    text.append(MarkdownReport.warnings(run));
    text.append(MarkdownReport.origin(run));
    tables().forEach(table -> text.append(table.toMarkdown()).append('\n'));
    charts.forEach(chart -> text.append(MarkdownReport.picture(chart)));
    result.problems().forEach(each -> text.append("- PROBLEM: ").append(each).append(".\n"));
    text.append(MarkdownReport.conditions(run));
    text.append(reading()).append('\n');
    return text.toString();
  }

  // ------------------------------------------------------------------------------------- tables

  private List<Table> tables() {
    List<Table> tables = new ArrayList<>();
    if (!result.refreshes().isEmpty()) {
      tables.add(refreshes());
    }
    result
        .massExpiry()
        .ifPresent(mass -> {
          tables.add(sweeping(mass));
          tables.add(reads(mass));
        });
    result.eviction().ifPresent(eviction -> tables.add(eviction(eviction)));
    return tables;
  }

  private Table refreshes() {
    Table table =
        new Table(
            List.of("Refreshes, by order", "calls/s", "HOT", "table before", "after", "× before"));
    for (RefreshResult refresh : result.refreshes()) {
      table.add(
          List.of(
              refresh.order(),
              Figures.thousands(refresh.calls() / refresh.seconds()),
              Figures.percent(refresh.hotShare()),
              Figures.megabytes(refresh.bytesBefore()),
              Figures.megabytes(refresh.bytesAfter()),
              Figures.ratio(refresh.growth())));
    }
    return table;
  }

  private static Table sweeping(MassExpiryResult mass) {
    Table table =
        new Table(
            List.of(
                "Values that end at once",
                "removed in",
                "rows/s",
                "statements",
                "p50",
                "p99",
                "longest",
                "over 100 ms"));
    table.add(
        List.of(
            Figures.whole(mass.rows()),
            Figures.hundredths(mass.seconds()) + " s",
            Figures.whole(mass.rowsPerSecond()),
            Figures.whole(mass.sweepStatements()),
            Figures.micros(mass.sweeps().p50()),
            Figures.micros(mass.sweeps().p99()),
            Figures.micros(mass.sweeps().max()),
            Figures.whole(mass.slowSweeps())));
    return table;
  }

  private Table reads(MassExpiryResult mass) {
    Table table =
        new Table(List.of("Reads, " + run.setting("read-rate") + "/s", "p50", "p99", "max"));
    table.add(row("before their end", mass.readsBefore()));
    table.add(row("while they are removed", mass.readsMeanwhile()));
    return table;
  }

  private static List<String> row(String label, Latencies latencies) {
    return List.of(
        label,
        Figures.micros(latencies.p50()),
        Figures.micros(latencies.p99()),
        Figures.micros(latencies.max()));
  }

  private static Table eviction(EvictionResult eviction) {
    Table table =
        new Table(
            List.of(
                "Eviction", "values held", "hit rate", "FIFO of that size", "LRU of that size"));
    table.add(
        List.of(
            "at most " + Figures.whole(eviction.bound()),
            Figures.whole(eviction.meanEntries()),
            Figures.percent(eviction.hitRate()),
            Figures.percent(eviction.fifoHitRate()),
            Figures.percent(eviction.lruHitRate())));
    return table;
  }

  private String reading() {
    return """
    Refreshes: 4 threads with 64 asynchronous calls in flight each give %s values a new end, for %s \
    s in each order, as fast as they can; HOT is the share of updates that needed no new index \
    entry, sizes are with the index. Values that end at once: %s, inserted with the same end; on \
    the same pages %s others, which were refreshed before and must all be there afterwards; 8 \
    threads read those at a steady rate, and a latency counts from when a read was due. Sweeping \
    statements are timed by the background sweeper that sends them. Eviction: 8 threads ask for %s \
    keys with a Zipf distribution (exponent 1), %s reads a second for %s s, and store what they do \
    not find; the first third is not counted. FIFO and LRU are simulated with the same reads in \
    memory, at the mean size that the namespace had. Settings: %s.\
    """
        .formatted(
            run.setting("refresh-keys"),
            run.setting("refresh-seconds"),
            run.setting("dead"),
            run.setting("alive"),
            run.setting("eviction-keys"),
            run.setting("eviction-rate"),
            run.setting("eviction-seconds"),
            MarkdownReport.joined(run.settings()));
  }

  // ------------------------------------------------------------------------------------- charts

  /** Writes all charts, each as SVG and as PNG, into a folder. */
  public List<ChartFile> writeCharts(Path folder) throws IOException {
    ChartPicture.staysOffTheScreen();
    List<ChartFile> files = new ArrayList<>();
    if (result.massExpiry().isPresent()) {
      List<MassExpiryResult.Left> left = result.massExpiry().get().left();
      String title = "Dead rows after the end of many values";
      Lines lines = new Lines(title, "Thousand rows", "Seconds since they ended");
      lines.add(
          "dead rows",
          left.stream().map(MassExpiryResult.Left::atSeconds).toList(),
          left.stream().map(each -> each.rows() / 1e3).toList(),
          BLUE);
      lines.write(folder, "expiry-mass");
      files.add(new ChartFile("mass", title, "expiry-mass"));
    }
    if (result.eviction().isPresent()) {
      EvictionResult eviction = result.eviction().get();
      String title = "Hit rate at the same size, keys asked for with a Zipf distribution";
      Bars bars = new Bars(title, "Per cent of the reads (more is better)", List.of("hit rate"));
      bars.add("FIFO, simulated", List.of(percent(eviction.fifoHitRate())), GREY);
      bars.add("Howdah", List.of(percent(eviction.hitRate())), BLUE);
      bars.add("LRU, simulated", List.of(percent(eviction.lruHitRate())), GREY.brighter());
      bars.write(folder, "expiry-eviction");
      files.add(new ChartFile("eviction", title, "expiry-eviction"));
    }
    return files;
  }

  private static double percent(double share) {
    return JsonReport.rounded(share * 100, 1);
  }

  // --------------------------------------------------------------------------------------- JSON

  private Map<String, Object> json() {
    Map<String, Object> map = run.asMap(result.isValid());
    map.put("problems", result.problems());
    map.put("refresh", result.refreshes().stream().map(ExpiryReport::json).toList());
    result.massExpiry().ifPresent(mass -> map.put("massExpiry", json(mass)));
    result.eviction().ifPresent(eviction -> map.put("eviction", json(eviction)));
    return map;
  }

  private static Map<String, Object> json(RefreshResult refresh) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("order", refresh.order());
    map.put("seconds", JsonReport.rounded(refresh.seconds(), 1));
    map.put("calls", refresh.calls());
    map.put("updates", refresh.updates());
    map.put("hotUpdates", refresh.hotUpdates());
    map.put("hotShare", JsonReport.rounded(refresh.hotShare(), 4));
    map.put("bytesBefore", refresh.bytesBefore());
    map.put("bytesAfter", refresh.bytesAfter());
    map.put("growth", JsonReport.rounded(refresh.growth(), 3));
    return map;
  }

  private static Map<String, Object> json(MassExpiryResult mass) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rows", mass.rows());
    map.put("seconds", JsonReport.rounded(mass.seconds(), 2));
    map.put("rowsPerSecond", JsonReport.rounded(mass.rowsPerSecond(), 0));
    map.put("sweepStatements", mass.sweepStatements());
    map.put("slowSweeps", mass.slowSweeps());
    map.put("sweepMicros", JsonReport.map(mass.sweeps()));
    map.put("readsPerSecond", JsonReport.rounded(mass.readsPerSecond(), 1));
    map.put("readMicrosBefore", JsonReport.map(mass.readsBefore()));
    map.put("readMicrosMeanwhile", JsonReport.map(mass.readsMeanwhile()));
    map.put("refreshed", mass.refreshed());
    map.put("refreshedLeft", mass.refreshedLeft());
    map.put("left", mass.left().stream().map(ExpiryReport::json).toList());
    return map;
  }

  private static Map<String, Object> json(MassExpiryResult.Left left) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("atSeconds", JsonReport.rounded(left.atSeconds(), 2));
    map.put("rows", left.rows());
    return map;
  }

  private static Map<String, Object> json(EvictionResult eviction) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("bound", eviction.bound());
    map.put("meanEntries", eviction.meanEntries());
    map.put("reads", eviction.reads());
    map.put("hitRate", JsonReport.rounded(eviction.hitRate(), 4));
    map.put("fifoHitRate", JsonReport.rounded(eviction.fifoHitRate(), 4));
    map.put("lruHitRate", JsonReport.rounded(eviction.lruHitRate(), 4));
    return map;
  }
}
