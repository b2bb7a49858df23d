package io.howdah.bench.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * Plays a case on one thread, a few calls in turn: for differences of a few per cent. Whatever else
 * the machine does falls on all players alike, where the rounds of a {@link Tournament} are long
 * enough to lose such a difference in it.
 */
public final class CallByCall {

  /** Enough to find the processor's caches as a program finds them that makes only these calls. */
  private static final int CALLS_IN_TURN = 8;

  private final Schedule schedule;
  private final Progress progress;

  public CallByCall(Schedule schedule, Progress progress) {
    this.schedule = schedule;
    this.progress = progress;
  }

  /** Makes one call, and records it. */
  @FunctionalInterface
  public interface Turn {
    void call(CallRecorder recorder) throws Exception;
  }

  /** Does, before each round, what the calls have left to be done in the background. */
  @FunctionalInterface
  public interface Settling {
    void settle() throws Exception;
  }

  /**
   * One of those who take turns.
   *
   * @param profile who it is
   * @param turn its call
   */
  public record Player(Profile profile, Turn turn) {}

  /**
   * Plays one case. A round of a player is as long as its calls took together. A failing call ends
   * the case, and voids the result of its player.
   */
  public List<CaseResult> play(Case measured, List<Player> players, Settling settling)
      throws Exception {
    List<Seat> seats = players.stream().map(Seat::new).toList();
    warmUp(seats, schedule.firstWarmup());
    for (int round = 0; round < schedule.rounds() && allWell(seats); round++) {
      settling.settle();
      warmUp(seats, schedule.warmup());
      run(seats, schedule.round());
      List<Progress.RoundResult> results = new ArrayList<>();
      for (Seat seat : seats) {
        results.add(new Progress.RoundResult(seat.player.profile(), seat.endRound(round)));
      }
      progress.roundDone(measured, round, results);
    }
    List<CaseResult> results = seats.stream().map(seat -> seat.result(measured)).toList();
    progress.caseDone(measured, results);
    return results;
  }

  private static boolean allWell(List<Seat> seats) {
    return seats.stream().allMatch(seat -> seat.problems.isEmpty());
  }

  private static void warmUp(List<Seat> seats, Duration length) throws InterruptedException {
    if (!length.isZero()) {
      run(seats, length);
    }
  }

  /** However short, everybody has a turn: a thread may be kept waiting longer than a round. */
  private static void run(List<Seat> seats, Duration length) throws InterruptedException {
    long deadline = System.nanoTime() + length.toNanos();
    seats.forEach(seat -> seat.begin(deadline));
    do {
      // There and back, so that nobody always follows the same one.
      for (int i = 0; i < 2 * seats.size() && allWell(seats); i++) {
        seats.get(i < seats.size() ? i : 2 * seats.size() - 1 - i).takeTurn();
      }
    } while (System.nanoTime() - deadline < 0 && allWell(seats));
    seats.forEach(Seat::noteProblems);
  }

  /** A player in the course of one case. */
  private static final class Seat {
    private final Player player;
    private final List<Round> rounds = new ArrayList<>();
    private final Set<String> problems = new LinkedHashSet<>();
    private CallRecorder recorder = CallRecorder.precise();

    Seat(Player player) {
      this.player = player;
    }

    void begin(long deadline) {
      recorder = CallRecorder.precise();
      recorder.startUntil(deadline);
    }

    void takeTurn() throws InterruptedException {
      try {
        for (int call = 0; call < CALLS_IN_TURN; call++) {
          player.turn().call(recorder);
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        recorder.failed(e);
        noteProblems();
      }
    }

    void noteProblems() {
      String problem = recorder.problem();
      if (problem != null) {
        problems.add(problem);
      }
    }

    Round endRound(int number) {
      Histogram latencies = recorder.latencies();
      long calls = latencies.getTotalCount();
      long nanos = calls == 0 ? 1 : Math.round(latencies.getMean() * calls);
      Round round =
          new Round(
              number, 0, calls, nanos, latencies, recorder.wrongAnswers(), List.copyOf(problems));
      rounds.add(round);
      return round;
    }

    CaseResult result(Case measured) {
      return new CaseResult(measured, player.profile(), List.copyOf(rounds), List.copyOf(problems));
    }
  }
}
