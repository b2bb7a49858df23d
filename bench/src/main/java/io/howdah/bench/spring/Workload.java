package io.howdah.bench.spring;

import io.howdah.bench.measure.WorkloadInfo;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What is called; sessions and keys are chosen uniformly at random. */
public enum Workload {
  /** What the filter does in a request that looks at its session. */
  TOUCH(io.howdah.bench.session.Workload.TOUCH.id(), "Session: read and touch", true),
  /** The same of a request that sets an attribute. */
  CHANGE(
      io.howdah.bench.session.Workload.CHANGE.id(),
      "Session: read, touch and set an attribute",
      true),
  /** A method whose result is in the cache. */
  HIT("hit", "@Cacheable: a hit", false);

  private final String id;
  private final String label;
  private final boolean writes;

  Workload(String id, String label, boolean writes) {
    this.id = id;
    this.label = label;
    this.writes = writes;
  }

  /** The name on the command line and in the JSON file. */
  public String id() {
    return id;
  }

  /** As reports show it. */
  public WorkloadInfo info() {
    return new WorkloadInfo(id, label, writes);
  }

  /**
   * The workload with this id.
   *
   * @throws IllegalArgumentException when there is none; the message lists the ids
   */
  public static Workload ofId(String id) {
    return Arrays.stream(values())
        .filter(workload -> workload.id.equals(id))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'"
                    + id
                    + "' is no workload; there are "
                    + Arrays.stream(values()).map(Workload::id).collect(Collectors.joining(", "))));
  }
}
