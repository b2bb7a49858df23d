package io.howdah.bench.kv;

import io.howdah.bench.measure.WorkloadInfo;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Which calls are made, on keys chosen uniformly at random. */
public enum Workload {
  GET("GET", 100),
  SET("SET", 0),
  MIX("90 % GET, 10 % SET", 90),
  MIX95("95 % GET, 5 % SET", 95),
  INCREMENT("Increment", 0);

  private final String label;
  private final int readPercent;

  Workload(String label, int readPercent) {
    this.label = label;
    this.readPercent = readPercent;
  }

  /** The name on the command line and in the JSON file. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** As reports show it. */
  public WorkloadInfo info() {
    return new WorkloadInfo(id(), label, writes());
  }

  boolean writes() {
    return readPercent < 100;
  }

  boolean mixes() {
    return readPercent > 0 && readPercent < 100;
  }

  boolean nextIsRead(SplittableRandom random) {
    return readPercent == 100 || (readPercent > 0 && random.nextInt(100) < readPercent);
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
