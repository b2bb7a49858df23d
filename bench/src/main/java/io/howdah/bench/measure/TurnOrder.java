package io.howdah.bench.measure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Who plays when: a Williams design, over contestants in random order. What a turn leaves behind (a
 * full cache, a hot CPU) falls on the next one; here nobody follows the same contestant in two
 * successive rounds, and over a {@linkplain #cycle cycle} everybody follows everybody else equally
 * often, and has each place equally often.
 */
public final class TurnOrder {

  private final List<Integer> contestants;
  private final List<Integer> zigzag;

  /**
   * @param contestants how many there are
   * @param seed the same seed gives the same order
   */
  public TurnOrder(int contestants, long seed) {
    List<Integer> shuffled = new ArrayList<>(IntStream.range(0, contestants).boxed().toList());
    // java.util.Random begins much alike for seeds that are close.
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = contestants - 1; i > 0; i--) {
      Collections.swap(shuffled, i, random.nextInt(i + 1));
    }
    this.contestants = List.copyOf(shuffled);
    // 0, 1, n-1, 2, n-2 …: for an even n all steps between neighbours are different.
    this.zigzag =
        IntStream.range(0, contestants)
            .map(
                place -> place % 2 == 1 ? (place + 1) / 2 : (contestants - place / 2) % contestants)
            .boxed()
            .toList();
  }

  /** After how many rounds the order repeats. */
  int cycle() {
    return isOdd() ? 2 * contestants.size() : contestants.size();
  }

  /** The contestants, by number from 0, in the order in which they play a round. */
  public List<Integer> of(int round) {
    int count = contestants.size();
    // The steps of an odd number repeat; those of the mirror image are the missing ones.
    boolean mirrored = isOdd() && round % 2 == 1;
    // One back, so that nobody has the last turn of one round and the first of the next.
    int shift = mirrored ? round / 2 + count - 1 : isOdd() ? round / 2 : round;
    List<Integer> order = new ArrayList<>(count);
    for (int place = 0; place < count; place++) {
      int step = zigzag.get(mirrored ? count - 1 - place : place);
      order.add(contestants.get((step + shift) % count));
    }
    return order;
  }

  private boolean isOdd() {
    return contestants.size() % 2 == 1;
  }
}
