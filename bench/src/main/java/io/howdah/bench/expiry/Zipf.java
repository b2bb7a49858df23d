package io.howdah.bench.expiry;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Numbers from 0 on, of which each is the less likely the larger it is: 1, 1/2, 1/3 and so on. */
final class Zipf {

  private final double[] sums;

  Zipf(int numbers) {
    sums = new double[numbers];
    double sum = 0;
    for (int i = 0; i < numbers; i++) {
      sum += 1.0 / (i + 1);
      sums[i] = sum;
    }
  }

  int next(SplittableRandom random) {
    int found = Arrays.binarySearch(sums, random.nextDouble() * sums[sums.length - 1]);
    return found >= 0 ? Math.min(found + 1, sums.length - 1) : -found - 1;
  }
}
