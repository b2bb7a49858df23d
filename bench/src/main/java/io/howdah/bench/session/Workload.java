package io.howdah.bench.session;

import io.howdah.bench.measure.WorkloadInfo;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a request does with its session; sessions are chosen uniformly at random. */
public enum Workload {
  /** Reads it, with two attributes, and notes that it is being used. */
  TOUCH("Read and touch"),
  /** The same, and sets another attribute. */
  CHANGE("Read, touch and set an attribute");

  private final String label;

  Workload(String label) {
    this.label = label;
  }

  /** The name on the command line and in the JSON file. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As reports show it. */
  public WorkloadInfo info() {
    return new WorkloadInfo(id(), label, true);
  }

  boolean changes() {
    return this == CHANGE;
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
