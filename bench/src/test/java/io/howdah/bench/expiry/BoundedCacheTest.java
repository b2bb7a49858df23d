package io.howdah.bench.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BoundedCacheTest {

  @Test
  void firstInFirstOutForgetsWhatCameFirst() {
    BoundedCache cache = BoundedCache.firstInFirstOut(2);

    assertThat(hits(cache, 1, 2, 1, 3, 1, 3))
        .containsExactly(false, false, true, false, false, true);
  }

  @Test
  void leastRecentlyUsedForgetsWhatWasUsedLongestAgo() {
    BoundedCache cache = BoundedCache.leastRecentlyUsed(2);

    assertThat(hits(cache, 1, 2, 1, 3, 1, 2))
        .containsExactly(false, false, true, false, true, false);
  }

  @Test
  void theFirstNumberOfAZipfDistributionComesTwiceAsOftenAsTheSecond() {
    Zipf zipf = new Zipf(1_000);
    SplittableRandom random = new SplittableRandom(1);
    int[] seen = new int[1_000];
    IntStream.range(0, 1_000_000).forEach(i -> seen[zipf.next(random)]++);

    assertThat((double) seen[0] / seen[1]).isBetween(1.9, 2.1);
    assertThat((double) seen[0] / seen[9]).isBetween(9.0, 11.0);
    assertThat(seen[999]).isPositive();
  }

  private static Boolean[] hits(BoundedCache cache, int... keys) {
    return IntStream.of(keys).mapToObj(cache::read).toArray(Boolean[]::new);
  }
}
