package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.fault.History.Crash;
import io.howdah.fault.History.Event;
import io.howdah.fault.History.Kind;
import io.howdah.fault.History.Outcome;
import io.howdah.testing.Linearizability;
import io.howdah.testing.Linearizability.Call;
import io.howdah.testing.Linearizability.Effect;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what callers were told against what is in the tables in the end. For each key there must be
 * an order of its calls in which every answer was right, and at whose end stands what is there. Of
 * the calls that failed, those that have not happened are left out, and those of unknown outcome
 * may have happened or not. A crash takes nothing from a durable key, the last calls from a relaxed
 * one, and everything from an ephemeral one.
 */
final class Checker {
  private static final Logger LOG = LoggerFactory.getLogger(Checker.class);

  /** Three times wal_writer_delay, and the rest for a busy machine. */
  private static final Duration RELAXED_LOSS = Duration.ofSeconds(3);

  private final Map<String, Durability> levels;
  private final List<Event> events;
  private final List<Crash> crashes;

  /** A key of a namespace. */
  record Place(String namespace, String key) {}

  /**
   * Checks one history.
   *
   * @param levels of the namespaces
   */
  Checker(Map<String, Durability> levels, List<Event> events, List<Crash> crashes) {
    this.levels = levels;
    this.events = events;
    this.crashes = crashes;
  }

  /** What the tables hold, by SQL: what Howdah's reads say is under test. */
  static Map<Place, Long> there(Connection connection, String schema) throws SQLException {
    Map<Place, Long> there = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT v.namespace, v.key, v.value::text FROM "
                    + schema
                    + ".kv AS v WHERE v.expires_at IS NULL AND v.value IS NOT NULL")) {
      while (rows.next()) {
        there.put(new Place(rows.getString(1), rows.getString(2)), rows.getLong(3));
      }
    }
    return there;
  }

  /**
   * Fails when what is there cannot have come from what was done.
   *
   * @param all the values that were there after all calls had come to their end; those in other
   *     namespaces do not count
   */
  void check(Map<Place, Long> all) {
    Map<Place, Long> there = new HashMap<>(all);
    there.keySet().removeIf(place -> !levels.containsKey(place.namespace()));
    Map<Place, List<Event>> byPlace = new HashMap<>();
    for (Event event : events) {
      byPlace
          .computeIfAbsent(new Place(event.namespace(), event.key()), place -> new ArrayList<>())
          .add(event);
    }
    assertThat(byPlace.keySet()).as("the keys that are there").containsAll(there.keySet());
    List<Place> undecided = new ArrayList<>();
    byPlace.forEach((place, calls) -> {
      try {
        check(place, calls, there.getOrDefault(place, 0L));
      } catch (Linearizability.UndecidedException e) {
        LOG.warn("{} cannot be decided: {} calls", place, calls.size());
        undecided.add(place);
      }
    });
    assertThat(undecided).as("of %s keys", byPlace.size()).hasSizeLessThanOrEqualTo(1);
  }

  private void check(Place place, List<Event> calls, long last) {
    Durability level = levels.get(place.namespace());
    if (place.key().equals(Load.TOTAL)) {
      if (level == Durability.DURABLE || crashes.isEmpty()) {
        checkTotal(place, calls, last);
      }
      return;
    }
    checkWhatWasNotApplied(place, calls, last);
    if (calls.stream().noneMatch(call -> call.kind() == Kind.INCREMENT)) {
      checkVersions(place, calls);
    }
    List<Call> search = new ArrayList<>();
    long end = Long.MIN_VALUE;
    for (Event event : calls) {
      end = Math.max(end, event.ended());
      switch (event.outcome()) {
        case ANSWERED ->
            search.add(
                Call.answered(describe(event), event.began(), event.ended(), answered(event)));
        case UNKNOWN -> {
          if (event.kind() != Kind.GET) {
            search.add(Call.unknown(describe(event), event.began(), unanswered(event)));
          }
        }
        case NOT_APPLIED -> {}
      }
    }
    for (Crash crash : crashes) {
      end = Math.max(end, crash.ended());
      if (level == Durability.EPHEMERAL) {
        search.add(Call.answered("wipe", crash.began(), crash.ended(), state -> 0));
      } else if (level == Durability.RELAXED) {
        search.add(Call.loss(crash.began(), crash.ended(), crash.began() - RELAXED_LOSS.toNanos()));
      }
    }
    search.add(
        Call.answered(
            "there is " + last,
            end + 1,
            end + 2,
            state -> state == last ? state : Effect.NOT_POSSIBLE));
    if (!Linearizability.holds(search)) {
      throw new AssertionError(
          place + ", " + level + ": no order of these calls explains the answers: " + told(search));
    }
  }

  /** The calls in the order of their begin, in milliseconds. */
  private static String told(List<Call> calls) {
    StringBuilder text = new StringBuilder();
    long first = calls.stream().mapToLong(Call::began).min().orElse(0);
    calls.stream()
        .sorted(Comparator.comparingLong(Call::began))
        .forEach(call ->
            text.append(
                "%n%10.3f %10s %s"
                    .formatted(
                        (call.began() - first) / 1e6,
                        call.ended() == Long.MAX_VALUE
                            ? "?"
                            : "%.3f".formatted((call.ended() - first) / 1e6),
                        call.what())));
    return text.toString();
  }

  private static String describe(Event event) {
    return event.kind()
        + " "
        + event.value()
        + (event.kind() == Kind.COMPARE_AND_SET ? " for " + event.expected() : "")
        + (event.isAnswered() ? ": " + event.answer() : ": " + event.error());
  }

  private static Effect answered(Event event) {
    boolean done = event.answer() == 1;
    return switch (event.kind()) {
      case SET -> state -> event.value();
      case SET_IF_ABSENT -> state -> done ? iff(state == 0, event.value()) : iff(state != 0, state);
      case COMPARE_AND_SET ->
          state ->
              done
                  ? iff(state == event.expected(), event.value())
                  : iff(state != event.expected(), state);
      case DELETE -> state -> iff((state != 0) == done, 0);
      case GET -> state -> iff(state == event.answer(), state);
      case INCREMENT -> state -> iff(state + event.value() == event.answer(), event.answer());
    };
  }

  /** What it has done if it has happened, and done something. */
  private static Effect unanswered(Event event) {
    return switch (event.kind()) {
      case SET -> state -> event.value();
      case SET_IF_ABSENT -> state -> iff(state == 0, event.value());
      case COMPARE_AND_SET -> state -> iff(state == event.expected(), event.value());
      case DELETE -> state -> iff(state != 0, 0);
      case GET -> state -> Effect.NOT_POSSIBLE;
      case INCREMENT -> state -> state + event.value();
    };
  }

  private static long iff(boolean possible, long state) {
    return possible ? state : Effect.NOT_POSSIBLE;
  }

  /** The search finds it too; this says it more plainly. */
  private static void checkWhatWasNotApplied(Place place, List<Event> calls, long last) {
    Set<Long> never = new HashSet<>();
    for (Event event : calls) {
      if (event.outcome() == Outcome.NOT_APPLIED && event.kind() != Kind.INCREMENT) {
        never.add(event.value());
      }
    }
    never.remove(0L);
    assertThat(never)
        .as("%s: writes that were said not to have happened", place)
        .doesNotContain(last);
    for (Event event : calls) {
      if (event.kind() == Kind.GET && event.isAnswered()) {
        assertThat(never)
            .as("%s: writes that were said not to have happened", place)
            .doesNotContain(event.answer());
      }
    }
  }

  /** A version belongs to one value of its key, and a value has one version. */
  private static void checkVersions(Place place, List<Event> calls) {
    Map<Long, Long> versions = new HashMap<>();
    Map<Long, Long> values = new HashMap<>();
    for (Event event : calls) {
      if (event.version() == 0) {
        continue;
      }
      long value = event.kind() == Kind.GET ? event.answer() : event.value();
      Long other = versions.putIfAbsent(value, event.version());
      assertThat(event.version())
          .as("%s: the version of %s", place, value)
          .isEqualTo(other == null ? event.version() : other);
      Long another = values.putIfAbsent(event.version(), value);
      assertThat(value)
          .as("%s: the value with version %s", place, event.version())
          .isEqualTo(another == null ? value : another);
    }
  }

  /**
   * A counter with too many calls to be searched, to which 1 is added and nothing else happens:
   * each sum was given to one caller, in the order of time, and the counter stands between the
   * calls that were answered and these with those of unknown outcome.
   */
  private static void checkTotal(Place place, List<Event> calls, long last) {
    long unknown = calls.stream().filter(call -> call.outcome() == Outcome.UNKNOWN).count();
    Map<Long, Event> sums = new TreeMap<>();
    for (Event call : calls) {
      if (call.isAnswered() && call.kind() == Kind.INCREMENT) {
        Event other = sums.put(call.answer(), call);
        assertThat(other).as("%s: another one with the sum of %s", place, call).isNull();
      }
    }
    assertThat(last)
        .as("%s: %s calls were answered, %s of unknown outcome", place, sums.size(), unknown)
        .isBetween((long) sums.size(), sums.size() + unknown);
    List<Event> inOrder = new ArrayList<>();
    calls.stream().filter(Event::isAnswered).forEach(inOrder::add);
    inOrder.sort(
        Comparator.comparingLong(Event::answer)
            .thenComparing(call -> call.kind() == Kind.GET ? 1 : 0)
            .thenComparingLong(Event::began));
    Event latest = null;
    for (Event call : inOrder) {
      if (latest == null || call.began() > latest.began()) {
        latest = call;
      }
      assertThat(call.ended())
          .as("%s: %s ended before %s began", place, call, latest)
          .isGreaterThanOrEqualTo(latest.began());
    }
    if (!inOrder.isEmpty()) {
      assertThat(inOrder.get(inOrder.size() - 1).answer())
          .as("%s: the largest sum", place)
          .isLessThanOrEqualTo(last);
    }
  }
}
