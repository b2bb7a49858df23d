package io.howdah.bench.report;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Latencies;
import io.howdah.bench.measure.Spread;
import io.howdah.bench.neighbour.NeighbourCase;
import io.howdah.bench.neighbour.NeighbourResult;
import io.howdah.bench.neighbour.NeighbourResult.Growth;
import io.howdah.bench.neighbour.NeighbourResult.WalCost;
import io.howdah.bench.neighbour.NeighbourRound;
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
import org.jspecify.annotations.Nullable;

/** The reports of {@code bench neighbour}. */
public final class NeighbourReport {

  private static final String NOTHING = "–";
  private static final Color GREY = new Color(0x6b7280);

  private final RunInfo run;
  private final NeighbourResult result;

  public NeighbourReport(RunInfo run, NeighbourResult result) {
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
    out.println(neighbour().toText());
    out.println(log().toText());
    out.println(growth().toText());
    result.problems().forEach(each -> out.println("PROBLEM: " + each));
    out.flush();
  }

  private String markdown(List<ChartFile> charts) {
    StringBuilder text = new StringBuilder();
    text.append(MarkdownReport.warnings(run));
    text.append(MarkdownReport.origin(run));
    text.append(neighbour().toMarkdown()).append('\n');
    charts.forEach(chart -> text.append(MarkdownReport.picture(chart)));
    text.append(log().toMarkdown()).append('\n');
    text.append(growth().toMarkdown()).append('\n');
    result.problems().forEach(each -> text.append("- PROBLEM: ").append(each).append(".\n"));
    text.append(MarkdownReport.conditions(run));
    text.append(reading()).append('\n');
    return text.toString();
  }

  // ------------------------------------------------------------------------------------- tables

  private Table neighbour() {
    Table table =
        new Table(
            List.of(
                "Beside pgbench",
                "its p50",
                "× alone",
                "its p99",
                "× alone",
                "min – max",
                "its transactions/s",
                "server CPUs",
                "client CPUs",
                "Howdah's calls/s",
                "their p50",
                "their p99"));
    result.rounds().keySet().forEach(each -> table.add(row(each)));
    return table;
  }

  private List<String> row(NeighbourCase each) {
    Optional<Latencies> transactions = result.transactionLatencies(each);
    Optional<Latencies> calls = result.callLatencies(each);
    Optional<Spread> p99 = ratio(each, Latencies::p99);
    return List.of(
        each.label(),
        transactions.map(one -> Figures.micros(one.p50())).orElse(NOTHING),
        ratio(each, Latencies::p50).map(one -> Figures.ratio(one.median())).orElse(NOTHING),
        transactions.map(one -> Figures.micros(one.p99())).orElse(NOTHING),
        p99.map(one -> Figures.ratio(one.median())).orElse(NOTHING),
        p99.map(one -> Figures.ratio(one.min()) + " – " + Figures.ratio(one.max())).orElse(NOTHING),
        median(each, NeighbourRound::transactionsPerSecond, Figures::whole),
        isCpuKnown(each)
            ? median(each, round -> round.serverCores().orElse(0), Figures::hundredths)
            : NOTHING,
        median(each, NeighbourRound::clientCores, Figures::hundredths),
        each.level().isPresent()
            ? median(each, NeighbourRound::callsPerSecond, Figures::whole)
            : NOTHING,
        calls.map(one -> Figures.micros(one.p50())).orElse(NOTHING),
        calls.map(one -> Figures.micros(one.p99())).orElse(NOTHING));
  }

  private Optional<Spread> ratio(NeighbourCase each, ToDoubleFunction<Latencies> figure) {
    return each.equals(NeighbourCase.ALONE)
        ? Optional.empty()
        : result.ratio(each, round -> figure.applyAsDouble(round.transactionLatencies()));
  }

  private boolean isCpuKnown(NeighbourCase each) {
    return result.of(each).stream().allMatch(round -> round.serverCores().isPresent());
  }

  /** Writes a figure for people. */
  @FunctionalInterface
  private interface Writing {
    String of(double value);
  }

  private String median(
      NeighbourCase each, ToDoubleFunction<NeighbourRound> figure, Writing writing) {
    return result.spread(each, figure).map(spread -> writing.of(spread.median())).orElse(NOTHING);
  }

  private Table log() {
    Table table =
        new Table(
            List.of(
                "Log (WAL) that Howdah's calls add",
                "calls/s",
                "bytes a call",
                "right after a checkpoint"));
    for (WalCost cost : result.wal()) {
      table.add(
          List.of(
              lowerCase(cost.level()),
              Figures.whole(cost.rate()),
              Figures.whole(cost.bytesPerCall()),
              cost.bytesPerCallAfterCheckpoint().isPresent()
                  ? Figures.whole(cost.bytesPerCallAfterCheckpoint().getAsDouble())
                  : NOTHING));
    }
    return table;
  }

  private Table growth() {
    Table table =
        new Table(List.of("Howdah's tables", "before", "after", "after / before", "calls"));
    for (Growth growth : result.growth()) {
      table.add(
          List.of(
              growth.table(),
              Figures.megabytes(growth.bytesBefore()),
              Figures.megabytes(growth.bytesAfter()),
              Figures.ratio((double) growth.bytesAfter() / growth.bytesBefore()),
              Figures.whole(growth.calls())));
    }
    return table;
  }

  private String reading() {
    return """
    pgbench runs its TPC-B-like transaction on %s connections at %s of the %s transactions a second \
    that it reached alone, by a random schedule; a latency counts from when the transaction was \
    due, so it holds the lag behind the schedule. Howdah is called by %s threads of a program on \
    the same machine, which take processor time of their own (client CPUs), nine reads for each \
    write, also by a random schedule. %s rounds of %s s of each case, which take turns; \
    percentiles are over all of them, a ratio is the median of those of the single rounds to the \
    same round without Howdah, and the second row, where nothing is different, shows how much such \
    a ratio means. The log is measured with Howdah alone on the server, where nothing else writes: \
    once when all pages had been written since the last checkpoint, and once right after one, when \
    the first change of each page writes it as a whole. Settings: %s.\
    """
        .formatted(
            run.setting("clients"),
            run.setting("share"),
            Figures.whole(result.maximum()),
            run.setting("threads"),
            run.setting("rounds"),
            run.setting("seconds"),
            MarkdownReport.joined(run.settings()));
  }

  private static String lowerCase(Durability level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  // ------------------------------------------------------------------------------------- charts

  /** Writes all charts, each as SVG and as PNG, into a folder. */
  public List<ChartFile> writeCharts(Path folder) throws IOException {
    ChartPicture.staysOffTheScreen();
    List<ChartFile> files = new ArrayList<>();
    files.add(chart(folder, "p50", Latencies::p50));
    files.add(chart(folder, "p99", Latencies::p99));
    return files;
  }

  private ChartFile chart(Path folder, String name, ToDoubleFunction<Latencies> figure)
      throws IOException {
    String title = "pgbench's " + name + " beside Howdah";
    List<Integer> rates = rates();
    List<String> groups = new ArrayList<>(List.of("without Howdah"));
    rates.forEach(rate -> groups.add(Figures.whole(rate) + " calls/s"));
    Bars bars = new Bars(title, "Milliseconds (less is better)", groups);
    List<@Nullable Double> alone = new ArrayList<>();
    alone.add(millis(NeighbourCase.ALONE, figure));
    rates.forEach(rate -> alone.add(null));
    bars.add("without Howdah", alone, GREY);
    for (Durability level : levels()) {
      List<@Nullable Double> values = new ArrayList<>();
      values.add(null);
      rates.forEach(rate -> values.add(millis(find(level, rate), figure)));
      bars.add(lowerCase(level), values, colour(level));
    }
    bars.write(folder, "neighbour-" + name);
    return new ChartFile(name, title, "neighbour-" + name);
  }

  private List<Durability> levels() {
    return result.rounds().keySet().stream()
        .flatMap(each -> each.level().stream())
        .distinct()
        .toList();
  }

  private List<Integer> rates() {
    return result.rounds().keySet().stream()
        .filter(each -> each.level().isPresent())
        .map(NeighbourCase::rate)
        .distinct()
        .toList();
  }

  private NeighbourCase find(Durability level, int rate) {
    return result.rounds().keySet().stream()
        .filter(each -> each.rate() == rate && each.level().stream().anyMatch(level::equals))
        .findFirst()
        .orElse(NeighbourCase.ALONE);
  }

  /** Rounded to what fits over a bar. */
  private double millis(NeighbourCase each, ToDoubleFunction<Latencies> figure) {
    double millis =
        result.transactionLatencies(each).map(figure::applyAsDouble).orElse(0.0) / 1_000;
    return Math.rint(millis * 100) / 100;
  }

  private static Color colour(Durability level) {
    return switch (level) {
      case EPHEMERAL -> new Color(0x67e8f9);
      case RELAXED -> new Color(0x3b82f6);
      case DURABLE -> new Color(0x1d4ed8);
    };
  }

  // --------------------------------------------------------------------------------------- JSON

  private Map<String, Object> json() {
    Map<String, Object> map = run.asMap(result.isValid());
    map.put("problems", result.problems());
    map.put("maximumTransactionsPerSecond", JsonReport.rounded(result.maximum(), 1));
    map.put("cases", result.rounds().keySet().stream().map(this::json).toList());
    map.put("wal", result.wal().stream().map(NeighbourReport::json).toList());
    map.put("growth", result.growth().stream().map(NeighbourReport::json).toList());
    return map;
  }

  private Map<String, Object> json(NeighbourCase each) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("case", each.id());
    each.level().ifPresent(level -> map.put("level", lowerCase(level)));
    map.put("rate", each.rate());
    result
        .transactionLatencies(each)
        .ifPresent(latencies -> map.put("transactionMicros", JsonReport.map(latencies)));
    result
        .callLatencies(each)
        .ifPresent(latencies -> map.put("callMicros", JsonReport.map(latencies)));
    Map<String, Object> ratios = new LinkedHashMap<>();
    ratio(each, Latencies::p50).ifPresent(one -> ratios.put("p50", JsonReport.map(one, 3)));
    ratio(each, Latencies::p99).ifPresent(one -> ratios.put("p99", JsonReport.map(one, 3)));
    map.put("ratios", ratios);
    map.put("rounds", result.of(each).stream().map(NeighbourReport::json).toList());
    return map;
  }

  private static Map<String, Object> json(NeighbourRound round) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("round", round.number() + 1);
    map.put("position", round.position() + 1);
    map.put("seconds", JsonReport.rounded(round.seconds(), 3));
    map.put("transactions", round.latencies().getTotalCount());
    map.put("transactionMicros", JsonReport.map(round.transactionLatencies()));
    round.serverCores().ifPresent(cores -> map.put("serverCores", JsonReport.rounded(cores, 3)));
    map.put("clientCores", JsonReport.rounded(round.clientCores(), 3));
    map.put("calls", round.calls());
    map.put("walBytes", round.walBytes());
    return map;
  }

  private static Map<String, Object> json(WalCost cost) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("level", lowerCase(cost.level()));
    map.put("rate", cost.rate());
    map.put("calls", cost.calls());
    map.put("bytesPerCall", JsonReport.rounded(cost.bytesPerCall(), 1));
    cost.bytesPerCallAfterCheckpoint()
        .ifPresent(bytes -> map.put("bytesPerCallAfterCheckpoint", JsonReport.rounded(bytes, 1)));
    return map;
  }

  private static Map<String, Object> json(Growth growth) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("table", growth.table());
    map.put("bytesBefore", growth.bytesBefore());
    map.put("bytesAfter", growth.bytesAfter());
    map.put("calls", growth.calls());
    return map;
  }
}
