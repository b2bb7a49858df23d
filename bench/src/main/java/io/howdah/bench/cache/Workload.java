package io.howdah.bench.cache;

import io.howdah.bench.measure.WorkloadInfo;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is done with keys chosen uniformly at random. */
public enum Workload {
  /** All values are there, and are read. */
  HIT,
  /** One call in a hundred evicts; who does not find a value computes it, which takes no time. */
  CHANGING;

  /** One call in so many evicts. */
  static final int CALLS_PER_EVICTION = 100;

  /** The name on the command line and in the JSON file. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As reports show it. */
  public WorkloadInfo info(int keys) {
    String label =
        switch (this) {
          case HIT -> "Read, over %,d keys".formatted(keys);
          case CHANGING ->
              "Read or compute, one call in %d evicts, over %,d keys"
                  .formatted(CALLS_PER_EVICTION, keys);
        };
    return new WorkloadInfo(id(), label, true);
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
