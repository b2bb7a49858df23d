package io.howdah.bench.ratelimit;

import io.howdah.bench.measure.WorkloadInfo;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which keys are asked for, and what their limit is. */
public enum Workload {
  /** Keys chosen uniformly at random; all calls are allowed. */
  SPREAD(Allowance.PLENTY),
  /** One key for all threads; all calls are allowed. */
  HOT(Allowance.PLENTY),
  /** One key for all threads; a few calls are allowed, and how many is counted. */
  DENIED(Allowance.FEW);

  private final Allowance allowance;

  Workload(Allowance allowance) {
    this.allowance = allowance;
  }

  /** The name on the command line and in the JSON file. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * As reports show it.
   *
   * @param keys how many keys the spread calls choose from
   */
  public WorkloadInfo info(int keys) {
    String label =
        switch (this) {
          case SPREAD -> "Allowed, over %,d keys".formatted(keys);
          case HOT -> "Allowed, one hot key";
          case DENIED -> "Denied, one hot key";
        };
    return new WorkloadInfo(id(), label, true);
  }

  Allowance allowance() {
    return allowance;
  }

  /**
   * The workload with this id.
   *
   * @throws IllegalArgumentException when there is none; the message lists the ids
   */
  public static Workload ofId(String id) {
    return Arrays.stream(values())
        .filter(workload -> workload.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'"
                    + id
                    + "' is no workload; there are "
                    + Arrays.stream(values()).map(Workload::id).collect(Collectors.joining(", "))));
  }
}
