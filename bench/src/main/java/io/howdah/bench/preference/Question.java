package io.howdah.bench.preference;

import io.howdah.bench.measure.WorkloadInfo;
import java.util.Locale;

/** What is asked, in this order: the later ones need the index. */
enum Question {
  SET("set one key of 20", true),
  GET("get one key of 20", false),
  ALL("get all 20", false),
  FIND("find users by a value, with the index", false),
  SET_INDEXED("set one key of 20, with the index", true);

  private final String label;
  private final boolean writes;

  Question(String label, boolean writes) {
    this.label = label;
    this.writes = writes;
  }

  /** The name in the JSON file. */
  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean writes() {
    return writes;
  }

  boolean needsIndex() {
    return this == FIND || this == SET_INDEXED;
  }

  WorkloadInfo info() {
    return new WorkloadInfo(id(), label, writes);
  }
}
