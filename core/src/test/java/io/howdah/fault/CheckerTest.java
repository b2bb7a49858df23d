package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.Durability;
import io.howdah.fault.Checker.Place;
import io.howdah.fault.History.Crash;
import io.howdah.fault.History.Event;
import io.howdah.fault.History.Kind;
import io.howdah.fault.History.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker finds what it is there for. */
class CheckerTest {
  private static final long SECOND = 1_000_000_000;

  private final List<Event> events = new ArrayList<>();
  private final List<Crash> crashes = new ArrayList<>();

  private static String name(Durability level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  /** One call a second, one after the other. */
  private void call(
      Durability level, String key, Kind kind, long value, Outcome outcome, long answer) {
    long now = events.size() * SECOND;
    events.add(
        new Event(
            name(level), key, kind, value, 0, now, now + SECOND / 2, outcome, answer, 0, "-"));
  }

  private void crash() {
    long now = events.size() * SECOND;
    crashes.add(new Crash(now, now + SECOND / 2));
  }

  private void check(Durability level, String key, long there) {
    new Checker(
            Map.of(
                "ephemeral", Durability.EPHEMERAL,
                "relaxed", Durability.RELAXED,
                "durable", Durability.DURABLE),
            events,
            crashes)
        .check(there == 0 ? Map.of() : Map.of(new Place(name(level), key), there));
  }

  private void isFine(Durability level, String key, long there) {
    assertThatCode(() -> check(level, key, there)).doesNotThrowAnyException();
  }

  private void isFound(Durability level, String key, long there) {
    assertThatThrownBy(() -> check(level, key, there)).isInstanceOf(AssertionError.class);
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void acknowledgedWriteThatIsGoneIsFound(Durability level) {
    call(level, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    isFine(level, "r", 1);
    isFound(level, "r", 0);
  }

  @Test
  void crashTakesNothingThatIsDurable() {
    call(Durability.DURABLE, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    crash();
    isFine(Durability.DURABLE, "r", 1);
    isFound(Durability.DURABLE, "r", 0);
  }

  @Test
  void crashTakesTheLastSecondsOfWhatIsRelaxed() {
    for (int value = 1; value <= 10; value++) {
      call(Durability.RELAXED, "r", Kind.SET, value, Outcome.ANSWERED, 1);
    }
    crash();
    isFine(Durability.RELAXED, "r", 10);
    isFine(Durability.RELAXED, "r", 8);
    isFound(Durability.RELAXED, "r", 3);
    isFound(Durability.RELAXED, "r", 0);
  }

  @Test
  void crashTakesAllThatIsEphemeral() {
    call(Durability.EPHEMERAL, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    crash();
    isFine(Durability.EPHEMERAL, "r", 0);
    isFound(Durability.EPHEMERAL, "r", 1);
  }

  @Test
  void writeThatWasSaidNotToHaveHappenedIsFound() {
    call(Durability.DURABLE, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    call(Durability.DURABLE, "r", Kind.SET, 2, Outcome.NOT_APPLIED, 0);
    isFine(Durability.DURABLE, "r", 1);
    isFound(Durability.DURABLE, "r", 2);
    call(Durability.DURABLE, "r", Kind.GET, 0, Outcome.ANSWERED, 2);
    call(Durability.DURABLE, "r", Kind.SET, 3, Outcome.ANSWERED, 1);
    isFound(Durability.DURABLE, "r", 3);
  }

  @Test
  void writeOfUnknownOutcomeMayBeThereOrNot() {
    call(Durability.DURABLE, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    call(Durability.DURABLE, "r", Kind.SET, 2, Outcome.UNKNOWN, 0);
    isFine(Durability.DURABLE, "r", 1);
    isFine(Durability.DURABLE, "r", 2);
    isFound(Durability.DURABLE, "r", 0);
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"SET_IF_ABSENT", "DELETE", "COMPARE_AND_SET"})
  void wrongAnswerOfAConditionalWriteIsFound(Kind kind) {
    call(Durability.DURABLE, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    // It sets a value where there is one; deletes nothing; replaces a value that is another one.
    call(Durability.DURABLE, "r", kind, 2, Outcome.ANSWERED, kind == Kind.DELETE ? 0 : 1);
    isFound(Durability.DURABLE, "r", kind == Kind.DELETE ? 1 : 2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"GET", "INCREMENT"})
  void counterStandsBetweenWhatWasAcknowledgedAndWhatMayHaveHappened(Kind last) {
    for (String key : List.of("c", Load.TOTAL)) {
      events.clear();
      call(Durability.DURABLE, key, Kind.INCREMENT, 1, Outcome.ANSWERED, 1);
      call(Durability.DURABLE, key, Kind.INCREMENT, 1, Outcome.ANSWERED, 2);
      call(Durability.DURABLE, key, Kind.INCREMENT, 1, Outcome.UNKNOWN, 0);
      call(Durability.DURABLE, key, Kind.INCREMENT, 1, Outcome.NOT_APPLIED, 0);
      isFound(Durability.DURABLE, key, 1);
      isFine(Durability.DURABLE, key, 2);
      isFine(Durability.DURABLE, key, 3);
      isFound(Durability.DURABLE, key, 4);
      call(Durability.DURABLE, key, last, 1, Outcome.ANSWERED, 1);
      isFound(Durability.DURABLE, key, 2);
    }
  }

  @Test
  void keyThatNobodyWroteIsFound() {
    call(Durability.DURABLE, "r", Kind.SET, 1, Outcome.ANSWERED, 1);
    isFound(Durability.DURABLE, "other", 1);
  }
}
