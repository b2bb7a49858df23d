package io.howdah.bench.report;

import io.howdah.bench.job.JobBenchResult;
import io.howdah.bench.measure.Latencies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reports of {@code bench jobs}. */
public final class JobReport {
  private final RunInfo run;
  private final JobBenchResult result;

  public JobReport(RunInfo run, JobBenchResult result) {
    this.run = run;
    this.result = result;
  }

  /** Writes the report for programs. */
  public void writeJson(Path file) {
    Map<String, Object> map = new LinkedHashMap<>(run.asMap(result.problems().isEmpty()));
    map.put("problems", result.problems());
    List<Map<String, Object>> targets = new ArrayList<>();
    for (JobBenchResult.Target target : result.targets()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", target.name());
      one.put("enqueuedPerSecond", JsonReport.map(target.enqueued(), 0));
      one.put("donePerSecond", JsonReport.map(target.done(), 0));
      one.put("drainedPerSecond", JsonReport.map(target.drained(), 0));
      one.put("idleMicros", JsonReport.map(target.idle()));
      targets.add(one);
    }
    map.put("targets", targets);
    result
        .claim()
        .ifPresent(claim -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("finished", claim.finished());
          one.put("due", claim.due());
          one.put("perSecond", JsonReport.rounded(claim.perSecond(), 0));
          one.put("takeMicros", JsonReport.map(claim.take()));
          claim
              .held()
              .ifPresent(held -> {
                one.put("heldJobs", held.jobs());
                one.put("heldTakeMicros", JsonReport.map(held.during()));
                one.put("afterTakeMicros", JsonReport.map(held.after()));
              });
          map.put("claim", one);
        });
    JsonReport.write(map, file);
  }

  /** Writes the report for people. */
  public void writeMarkdown(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(MarkdownReport.warnings(run));
    text.append(MarkdownReport.origin(run));
    tables().forEach(table -> text.append(table.toMarkdown()).append('\n'));
    result.problems().forEach(each -> text.append("- PROBLEM: ").append(each).append(".\n"));
    text.append(MarkdownReport.conditions(run));
    text.append(
        """

        Jobs a second, the medians of the rounds. Enqueued: by single calls of all threads, while as many workers do them; done: until all of
        these were. Drained: jobs that were there before the workers. Idle: from the return of enqueue to the beginning of the job, in one process,
        one job at a time. Jobs do nothing. db-scheduler: lock-and-fetch with the limits 0.5 and 4.0, polling each 100 ms, immediate execution;
        JobRunr: the open-source version, polling each 5 s, the least it takes; Howdah: 500 jobs prefetched.
        """);
    Files.writeString(file, text.toString());
  }

  /** What came out, for the person who waits for it. */
  public void printSummary(PrintWriter out) {
    out.println();
    tables().forEach(table -> out.println(table.toText()));
    result.problems().forEach(each -> out.println("PROBLEM: " + each));
    out.flush();
  }

  private List<Table> tables() {
    List<Table> tables = new ArrayList<>();
    Table all =
        new Table(List.of("Jobs", "enqueued/s", "done/s", "drained/s", "idle p50", "idle p99"));
    for (JobBenchResult.Target target : result.targets()) {
      all.add(
          List.of(
              target.name(),
              Figures.whole(target.enqueued().median()),
              Figures.whole(target.done().median()),
              Figures.whole(target.drained().median()),
              Figures.micros(target.idle().p50()),
              Figures.micros(target.idle().p99())));
    }
    tables.add(all);
    result
        .claim()
        .ifPresent(claim -> {
          Table table =
              new Table(
                  List.of("Taking", "finished", "due", "taken and completed/s", "take p50", "p99"));
          table.add(
              List.of(
                  "howdah",
                  Figures.whole(claim.finished()),
                  Figures.whole(claim.due()),
                  Figures.whole(claim.perSecond()),
                  Figures.micros(claim.take().p50()),
                  Figures.micros(claim.take().p99())));
          tables.add(table);
          claim.held().ifPresent(held -> tables.add(held(claim, held)));
        });
    return tables;
  }

  private static Table held(JobBenchResult.Claim claim, JobBenchResult.Held held) {
    Table table = new Table(List.of("Taking beside an old snapshot", "take p50", "p99"));
    take(table, "before it", claim.take());
    take(table, "when " + Figures.whole(held.jobs()) + " were taken since", held.during());
    take(table, "after it, and a vacuum", held.after());
    return table;
  }

  private static void take(Table table, String when, Latencies take) {
    table.add(List.of(when, Figures.micros(take.p50()), Figures.micros(take.p99())));
  }
}
