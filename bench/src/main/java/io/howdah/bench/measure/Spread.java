package io.howdah.bench.measure;

import java.util.List;

/** A median with the smallest and the largest value around it. */
public record Spread(double median, double min, double max) {

  /**
   * The spread of some values; the median of an even number of them is the mean of the middle two.
   *
   * @throws IllegalArgumentException when there is no value
   */
  public static Spread of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("values must not be empty: a median needs at least one");
    }
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }
}
