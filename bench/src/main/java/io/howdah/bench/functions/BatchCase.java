package io.howdah.bench.functions;

import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.WorkloadInfo;
import java.util.Locale;

/**
 * One line of the comparison.
 *
 * @param level where the values live
 * @param size how many keys a statement has
 */
record BatchCase(Operation operation, Durability level, int size) {

  /** The name in the JSON file, for example {@code set-ephemeral-32}. */
  String id() {
    return operation.id() + "-" + levelId() + "-" + size;
  }

  WorkloadInfo info() {
    String keys = size == 1 ? "1 key" : size + " keys";
    return new WorkloadInfo(
        id(), "%s, %s, %s".formatted(operation, levelId(), keys), operation == Operation.SET);
  }

  private String levelId() {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
