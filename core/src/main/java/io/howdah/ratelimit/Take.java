package io.howdah.ratelimit;

/** Calls of one cost on one key: the arguments of a statement. */
record Take(String key, RateLimit limit, long cost, long calls) {
  /** What orders calls, and what they meet in: a row. */
  record Row(String key) {}

  Row row() {
    return new Row(key);
  }

  long periodMicros() {
    return limit.period().toNanos() / 1_000;
  }
}
