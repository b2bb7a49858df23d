package io.howdah.bench.report;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.CaseResult;
import io.howdah.bench.measure.Progress;
import io.howdah.bench.measure.Schedule;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Prints a line after each round: which one it was, what everybody did, how long it will go on.
 * Lines rather than a moving bar, so that a log of the run reads as well as the terminal.
 */
public final class ConsoleProgress implements Progress {

  private final PrintWriter out;
  private final Schedule schedule;
  private long plannedNanos;
  private long plannedSoFar;
  private long startedAt;

  public ConsoleProgress(PrintWriter out, Schedule schedule) {
    this.out = out;
    this.schedule = schedule;
  }

  @Override
  public void phase(String description) {
    line(description + " …");
  }

  @Override
  public void begin(Duration planned) {
    plannedNanos = planned.toNanos();
    startedAt = System.nanoTime();
  }

  @Override
  public void roundDone(Case measured, int round, List<RoundResult> results) {
    Duration perContestant =
        round == 0 ? schedule.firstWarmup().plus(schedule.perRound()) : schedule.perRound();
    plannedSoFar += perContestant.multipliedBy(results.size()).toNanos();
    line(
        "[%s] %s, %s, round %d of %d:  %s"
            .formatted(
                timeLeft(),
                measured.workload(),
                Tables.threads(measured.threads()),
                round + 1,
                schedule.rounds(),
                results.stream()
                    .map(each ->
                        each.profile().name()
                            + " "
                            + Figures.thousands(each.round().callsPerSecond()))
                    .collect(Collectors.joining("  "))));
  }

  @Override
  public void caseDone(Case measured, List<CaseResult> results) {
    for (CaseResult result : results) {
      for (String problem : result.problems()) {
        line("PROBLEM: " + result.profile().label() + ": " + problem);
      }
    }
  }

  /** The plan only tells the parts: it leaves out connecting and settling. */
  private String timeLeft() {
    long elapsed = System.nanoTime() - startedAt;
    double slower = elapsed / (double) plannedSoFar;
    long left = Math.max(0, Math.round((plannedNanos - plannedSoFar) * slower));
    return Figures.duration(Duration.ofNanos(left)) + " left";
  }

  private void line(String text) {
    out.println(text);
    out.flush();
  }
}
