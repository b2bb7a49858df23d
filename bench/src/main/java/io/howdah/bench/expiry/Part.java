package io.howdah.bench.expiry;

import java.util.Locale;

/** What can be measured. */
public enum Part {
  /** New ends for values, in random and in contiguous order. */
  REFRESH,
  /** Many values that end at the same moment. */
  MASS,
  /** A namespace that is too small for what is asked for. */
  EVICTION;

  /** The name on the command line. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
