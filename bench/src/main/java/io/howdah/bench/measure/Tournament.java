package io.howdah.bench.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plays a case: every contestant connects and warms up, then they take turns, one round each, in an
 * order that changes from round to round, so that nobody always follows the same neighbour.
 */
public final class Tournament {

  private final Schedule schedule;
  private final Progress progress;

  public Tournament(Schedule schedule, Progress progress) {
    this.schedule = schedule;
    this.progress = progress;
  }

  /**
   * Plays one case. A contestant that cannot connect, fails or answers wrongly has its problems in
   * its result; the others play on.
   */
  public List<CaseResult> play(Case measured, List<Contestant> contestants)
      throws InterruptedException {
    List<Entry> entries = new ArrayList<>();
    for (Contestant contestant : contestants) {
      entries.add(new Entry(contestant));
    }
    try {
      for (Entry entry : entries) {
        entry.open(measured);
      }
      for (Entry entry : entries) {
        entry.warmUp(-1, schedule.firstWarmup());
        entry.settle();
      }
      // Another order in each case, and the same when it is run again.
      TurnOrder order =
          new TurnOrder(entries.size(), 31L * measured.workload().hashCode() + measured.threads());
      for (int round = 0; round < schedule.rounds(); round++) {
        playRound(measured, round, order.of(round), entries);
      }
    } finally {
      entries.forEach(Entry::close);
    }
    List<CaseResult> results = entries.stream().map(entry -> entry.result(measured)).toList();
    progress.caseDone(measured, results);
    return results;
  }

  private void playRound(Case measured, int round, List<Integer> order, List<Entry> entries)
      throws InterruptedException {
    for (int position = 0; position < order.size(); position++) {
      entries.get(order.get(position)).play(round, position, schedule);
    }
    List<Progress.RoundResult> results = new ArrayList<>();
    for (Entry entry : entries) {
      entry.lastRound(round).ifPresent(results::add);
    }
    progress.roundDone(measured, round, results);
  }

  /** A contestant in the course of one case. */
  private static final class Entry {
    private final Contestant contestant;
    private final List<Round> rounds = new ArrayList<>();
    private final Set<String> problems = new LinkedHashSet<>();
    private Contestant.@Nullable Session session;

    Entry(Contestant contestant) {
      this.contestant = contestant;
    }

    void open(Case measured) {
      try {
        session = contestant.open(measured);
      } catch (Exception e) {
        problems.add("could not connect: " + e);
      }
    }

    void warmUp(int number, Duration length) throws InterruptedException {
      if (session != null && problems.isEmpty() && !length.isZero()) {
        Round round = RoundRunner.run(number, 0, session.loops(number), length);
        problems.addAll(round.problems());
      }
    }

    void play(int number, int position, Schedule schedule) throws InterruptedException {
      // A negative number, so that it does not rehearse the keys of a round.
      warmUp(-2 - number, schedule.warmup());
      if (session != null && problems.isEmpty()) {
        Round round = RoundRunner.run(number, position, session.loops(number), schedule.round());
        rounds.add(round);
        problems.addAll(round.problems());
        settle();
      }
    }

    void settle() throws InterruptedException {
      try {
        if (session != null) {
          session.settle();
        }
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        problems.add("could not settle: " + e);
      }
    }

    Optional<Progress.RoundResult> lastRound(int number) {
      return rounds.stream()
          .filter(round -> round.number() == number)
          .findFirst()
          .map(round -> new Progress.RoundResult(contestant.profile(), round));
    }

    CaseResult result(Case measured) {
      return new CaseResult(
          measured, contestant.profile(), List.copyOf(rounds), List.copyOf(problems));
    }

    void close() {
      if (session != null) {
        try {
          session.close();
        } catch (Exception e) {
          problems.add("could not close: " + e);
        }
      }
    }
  }
}
