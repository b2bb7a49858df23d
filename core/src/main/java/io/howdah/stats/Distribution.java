package io.howdah.stats;

import java.util.List;

/**
 * How often a quantity had which size, in buckets that double: the first counts zeros, the second
 * ones, the third 2 and 3, the next 4 to 7, and so on.
 *
 * @param sum of all
 * @param buckets how many were in each
 */
public record Distribution(long sum, List<Long> buckets) {
  public Distribution {
    buckets = List.copyOf(buckets);
  }

  /** How many there were. */
  public long count() {
    return buckets.stream().mapToLong(Long::longValue).sum();
  }

  /** Their mean; 0 when there were none. */
  public double mean() {
    long count = count();
    return count == 0 ? 0 : (double) sum / count;
  }

  /**
   * What this share of them did not exceed: the upper end of a bucket, so up to twice as much as
   * the truth. 0 when there were none.
   *
   * @param share 0 to 1, such as 0.99
   */
  public long quantile(double share) {
    long wanted = (long) Math.ceil(share * count());
    long passed = 0;
    for (int i = 0; i < buckets.size(); i++) {
      passed += buckets.get(i);
      if (passed >= wanted && passed > 0) {
        return upperEnd(i);
      }
    }
    return 0;
  }

  static int bucketOf(long value) {
    return value <= 0 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(value);
  }

  private static long upperEnd(int bucket) {
    return (1L << bucket) - 1;
  }
}
