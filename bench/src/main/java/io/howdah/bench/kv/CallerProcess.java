package io.howdah.bench.kv;

import io.howdah.bench.measure.Case;
import io.howdah.bench.measure.Contestant;
import io.howdah.bench.measure.HistogramText;
import io.howdah.bench.measure.Round;
import io.howdah.bench.measure.RoundRunner;
import io.howdah.bench.measure.Schedule;
import io.howdah.bench.server.ChildJvm;
import io.howdah.bench.server.Servers;
import io.howdah.bench.server.WorkFolder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process of its own with some of the callers of a case. It reads where the servers are and what
 * to call, and then plays a round for each line, a number and milliseconds, until its input ends.
 */
public final class CallerProcess {

  private CallerProcess() {}

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    try (BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        WorkFolder folder = WorkFolder.under(Path.of(System.getProperty("java.io.tmpdir")))) {
      Servers servers = Servers.running(folder, in.readLine());
      Calls calls = Calls.ofLine(in.readLine());
      KvContestant contestant = KvContestant.of(calls.target, servers, calls.settings());
      try (Contestant.Session session = contestant.open(new Case(calls.workload, calls.threads))) {
        ChildJvm.sayReady();
        String line;
        while ((line = in.readLine()) != null) {
          String[] round = line.split(" ", -1);
          int number = Integer.parseInt(round[0]);
          // Each process asks for keys of its own.
          ChildJvm.say(
              Answer.of(
                      RoundRunner.run(
                          number,
                          0,
                          session.loops(number * 1_009 + calls.process),
                          Duration.ofMillis(Long.parseLong(round[1]))))
                  .toLine());
        }
      }
    }
  }

  /**
   * What a process calls.
   *
   * @param process which of them it is
   */
  record Calls(
      String target,
      String workload,
      int threads,
      int keys,
      int valueBytes,
      int lanes,
      int process) {

    KvSettings settings() {
      return new KvSettings(
          List.of(threads),
          new Schedule(1, Duration.ZERO, Duration.ZERO, Duration.ZERO),
          keys,
          valueBytes,
          List.of(Workload.ofId(workload)),
          List.of(target),
          KvSettings.DEFAULT_JDBC_POOL,
          1,
          new Variant(0, Duration.ZERO, lanes));
    }

    String toLine() {
      return Stream.of(target, workload, threads, keys, valueBytes, lanes, process)
          .map(Object::toString)
          .collect(Collectors.joining(" "));
    }

    static Calls ofLine(String line) {
      String[] parts = line.split(" ", -1);
      return new Calls(
          parts[0],
          parts[1],
          Integer.parseInt(parts[2]),
          Integer.parseInt(parts[3]),
          Integer.parseInt(parts[4]),
          Integer.parseInt(parts[5]),
          Integer.parseInt(parts[6]));
    }
  }

  /**
   * What a process has done in a round.
   *
   * @param problem the first one, or empty
   */
  record Answer(long calls, String nanos, String problem) {

    static Answer of(Round round) {
      String problem = round.problems().isEmpty() ? "" : round.problems().get(0);
      return new Answer(
          round.calls(),
          HistogramText.of(round.latencies()),
          problem.lines().findFirst().orElse(""));
    }

    String toLine() {
      return calls + " " + nanos + " " + problem;
    }

    static Answer ofLine(String line) {
      String[] parts = line.split(" ", 3);
      return new Answer(Long.parseLong(parts[0]), parts[1], parts[2]);
    }
  }
}
