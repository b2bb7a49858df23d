package io.howdah.bench.report;

import io.howdah.bench.channel.ChannelResult;
import io.howdah.bench.channel.ChannelResult.Commits;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reports of {@code bench channels}. */
public final class ChannelReport {
  private final RunInfo run;
  private final ChannelResult result;

  public ChannelReport(RunInfo run, ChannelResult result) {
    this.run = run;
    this.result = result;
  }

  /** Writes the report for programs. */
  public void writeJson(Path file) {
    Map<String, Object> map = run.asMap(result.isValid());
    Map<String, Object> delivery = new LinkedHashMap<>();
    delivery.put("published", result.published());
    delivery.put("publishedPerSecond", JsonReport.rounded(publishedPerSecond(), 1));
    delivery.put("expected", result.expected());
    delivery.put("delivered", result.delivered());
    delivery.put("deliveredShare", JsonReport.rounded(result.deliveredShare(), 6));
    delivery.put("dropped", result.dropped());
    delivery.put("gaps", result.gaps());
    delivery.put("delayMicros", JsonReport.map(result.delays()));
    map.put("delivery", delivery);
    List<Map<String, Object>> commits = new ArrayList<>();
    for (Commits each : result.commits()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("case", each.name());
      one.put("rowsPerSecond", JsonReport.rounded(each.rowsPerSecond(), 1));
      one.put("commitsPerSecond", JsonReport.rounded(each.commitsPerSecond(), 1));
      commits.add(one);
    }
    map.put("commits", commits);
    JsonReport.write(map, file);
  }

  /** Writes the report for people. */
  public void writeMarkdown(Path file) throws IOException {
    Files.writeString(
        file,
        MarkdownReport.warnings(run)
            + MarkdownReport.origin(run)
            + delivery().toMarkdown()
            + '\n'
            + commits().toMarkdown()
            + '\n'
            + MarkdownReport.conditions(run)
            + reading()
            + '\n');
  }

  /** What came out, for the person who waits for it. */
  public void printSummary(PrintWriter out) {
    out.println();
    out.println(delivery().toText());
    out.println(commits().toText());
    out.flush();
  }

  private double publishedPerSecond() {
    return result.published() / result.publishSeconds();
  }

  private Table delivery() {
    Table table =
        new Table(
            List.of(
                "Delivery", "published/s", "delivered/s", "share", "dropped", "p50", "p99", "max"));
    table.add(
        List.of(
            run.setting("processes") + " processes × " + run.setting("subscribers"),
            Figures.whole(publishedPerSecond()),
            Figures.whole(result.delivered() / result.publishSeconds()),
            Figures.percent(result.deliveredShare()),
            Figures.whole(result.dropped()),
            Figures.micros(result.delays().p50()),
            Figures.micros(result.delays().p99()),
            Figures.micros(result.delays().max())));
    return table;
  }

  private Table commits() {
    Table table =
        new Table(
            List.of("Writing with " + run.setting("writers") + " threads", "rows/s", "commits/s"));
    for (Commits each : result.commits()) {
      table.add(
          List.of(
              each.label(),
              Figures.whole(each.rowsPerSecond()),
              Figures.whole(each.commitsPerSecond())));
    }
    return table;
  }

  private String reading() {
    return """
    One process publishes %s messages a second of %s bytes for %s s, after as long for warming up, \
    each call by itself, without waiting for the one before; a delay counts from when the message \
    was due until the subscriber has it, by the clock that the processes share. The processes are \
    JVMs of their own, on the same machine. Settings: %s.\
    """
        .formatted(
            run.setting("rate"),
            run.setting("payload-bytes"),
            run.setting("seconds"),
            MarkdownReport.joined(run.settings()));
  }
}
