package io.howdah.fault;

import io.howdah.CallFailedException;
import io.howdah.ErrorCode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

/** What callers did, and what they were told. */
final class History {
  enum Kind {
    SET,
    SET_IF_ABSENT,
    COMPARE_AND_SET,
    DELETE,
    GET,
    INCREMENT
  }

  enum Outcome {
    ANSWERED,
    /** It failed, and has not happened. */
    NOT_APPLIED,
    /** It failed, and may have happened. */
    UNKNOWN
  }

  /**
   * A call. Times are those of {@link System#nanoTime}, which all processes of a machine share.
   *
   * @param value what was to be written, no two writes of a history the same; of an increment the
   *     amount
   * @param expected of a compare-and-set: the value whose version was expected
   * @param answer of a read what was there, 0 for absent; of an increment the sum; of any other
   *     write 1 when it was done and 0 when it was refused
   * @param version of the value that was read or written, 0 when there was no answer with one
   * @param error {@code -}, or the code of the error
   */
  record Event(
      String namespace,
      String key,
      Kind kind,
      long value,
      long expected,
      long began,
      long ended,
      Outcome outcome,
      long answer,
      long version,
      String error) {

    boolean isAnswered() {
      return outcome == Outcome.ANSWERED;
    }

    /** As one line, for another process. */
    String line() {
      return String.join(
          " ",
          namespace,
          key,
          kind.name(),
          Long.toString(value),
          Long.toString(expected),
          Long.toString(began),
          Long.toString(ended),
          outcome.name(),
          Long.toString(answer),
          Long.toString(version),
          error);
    }

    static Event of(String line) {
      String[] fields = line.split(" ");
      return new Event(
          fields[0],
          fields[1],
          Kind.valueOf(fields[2]),
          Long.parseLong(fields[3]),
          Long.parseLong(fields[4]),
          Long.parseLong(fields[5]),
          Long.parseLong(fields[6]),
          Outcome.valueOf(fields[7]),
          Long.parseLong(fields[8]),
          Long.parseLong(fields[9]),
          fields[10]);
    }
  }

  /** The server went down at some moment between these, and was up again at the later one. */
  record Crash(long began, long ended) {}

  private final Queue<Event> events = new ConcurrentLinkedQueue<>();
  private final Queue<Crash> crashes = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> untyped = new ConcurrentLinkedQueue<>();

  void add(Event event) {
    events.add(event);
  }

  void addAll(Collection<Event> others) {
    events.addAll(others);
  }

  void addCrash(long began, long ended) {
    crashes.add(new Crash(began, ended));
  }

  /** What was thrown to a caller and does not say whether its call may have happened. */
  void addUntyped(Throwable failure) {
    untyped.add(failure);
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  List<Crash> crashes() {
    return List.copyOf(crashes);
  }

  List<Throwable> untyped() {
    return List.copyOf(untyped);
  }

  long count(Predicate<Event> which) {
    return events.stream().filter(which).count();
  }

  long countFailed(ErrorCode code) {
    return count(event -> event.error().equals(code.name()));
  }

  /** How often each outcome was, by its error: what docs/durability.md tells of each fault. */
  Map<String, Long> outcomes() {
    Map<String, Long> outcomes = new TreeMap<>();
    for (Event event : events) {
      outcomes.merge(
          event.isAnswered() ? "answered" : event.error() + " " + event.outcome(), 1L, Long::sum);
    }
    return outcomes;
  }

  /** The failure of a call, out of the stage of an asynchronous one. */
  static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  static Outcome outcome(CallFailedException e) {
    return e.outcome() == CallFailedException.Outcome.UNKNOWN
        ? Outcome.UNKNOWN
        : Outcome.NOT_APPLIED;
  }
}
