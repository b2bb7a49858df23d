package io.howdah.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TurnOrderTest {

  private static final long SEED = 42;

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 15, 16})
  void overACycleEverybodyFollowsEverybodyElseEquallyOften(int count) {
    TurnOrder order = new TurnOrder(count, SEED);
    Map<List<Integer>, Integer> meetings = new HashMap<>();
    for (int round = 0; round < order.cycle(); round++) {
      pairs(order.of(round)).forEach(pair -> meetings.merge(pair, 1, Integer::sum));
    }

    assertThat(meetings).hasSize(count * (count - 1));
    assertThat(new HashSet<>(meetings.values())).containsExactly(order.cycle() / count);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 15, 16})
  void overACycleEverybodyHasEachPlaceEquallyOften(int count) {
    TurnOrder order = new TurnOrder(count, SEED);
    Map<List<Integer>, Integer> places = new HashMap<>();
    for (int round = 0; round < order.cycle(); round++) {
      List<Integer> players = order.of(round);
      IntStream.range(0, count)
          .forEach(place -> places.merge(List.of(players.get(place), place), 1, Integer::sum));
    }

    assertThat(places).hasSize(count * count);
    assertThat(new HashSet<>(places.values())).containsExactly(order.cycle() / count);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 7, 15, 16})
  void nobodyFollowsTheSameNeighbourInTwoSuccessiveRounds(int count) {
    TurnOrder order = new TurnOrder(count, SEED);
    for (int round = 0; round < 3 * count; round++) {
      assertThat(pairs(order.of(round))).doesNotContainAnyElementsOf(pairs(order.of(round + 1)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 15, 16})
  void nobodyEndsARoundAndBeginsTheNext(int count) {
    TurnOrder order = new TurnOrder(count, SEED);
    for (int round = 0; round < 3 * count; round++) {
      assertThat(order.of(round).get(count - 1)).isNotEqualTo(order.of(round + 1).get(0));
    }
  }

  @Test
  void theSeedDecidesAndNothingElse() {
    Set<List<Integer>> firstRounds = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      List<Integer> first = new TurnOrder(6, seed).of(0);
      assertThat(new TurnOrder(6, seed).of(0)).isEqualTo(first);
      firstRounds.add(first);
    }

    assertThat(firstRounds).hasSizeGreaterThan(15);
  }

  /** Who followed whom. */
  private static List<List<Integer>> pairs(List<Integer> order) {
    return IntStream.range(1, order.size())
        .mapToObj(place -> List.of(order.get(place - 1), order.get(place)))
        .toList();
  }
}
