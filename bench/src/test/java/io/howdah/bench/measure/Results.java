package io.howdah.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Makes results as a tournament would. */
final class Results {

  static final Case GET = new Case("get", 8);

  private Results() {}

  /** A result whose rounds of one second had so many calls. */
  static CaseResult withCalls(String name, long... callsOfEachRound) {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < callsOfEachRound.length; i++) {
      rounds.add(round(i, callsOfEachRound[i], CallRecorder.newHistogram()));
    }
    return new CaseResult(GET, profile(name), rounds, List.of());
  }

  /** A result whose rounds had one call each, which took so many microseconds. */
  static CaseResult withLatencies(String name, long... microsOfEachRound) {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < microsOfEachRound.length; i++) {
      Histogram latencies = CallRecorder.newHistogram();
      latencies.recordValue(TimeUnit.MICROSECONDS.toNanos(microsOfEachRound[i]));
      rounds.add(round(i, 1, latencies));
    }
    return new CaseResult(GET, profile(name), rounds, List.of());
  }

  static Round round(int number, long calls, Histogram latencies) {
    return new Round(number, 0, calls, 1_000_000_000, latencies, 0, List.of());
  }

  static Profile profile(String name) {
    return new Profile(name, name, "not at all", Profile.Family.REDIS, Durability.EPHEMERAL);
  }
}
