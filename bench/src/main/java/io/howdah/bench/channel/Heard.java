package io.howdah.bench.channel;

import io.howdah.bench.measure.HistogramText;
import org.HdrHistogram.Histogram;

/**
 * What the subscribers of a process have heard.
 *
 * @param dropped messages that did not fit into a buffer
 * @param gaps how often messages may have been missed
 * @param nanos from when each message was due until it was handed over
 */
record Heard(long dropped, long gaps, Histogram nanos) {
  static final long MOST_NANOS = 600_000_000_000L;

  long messages() {
    return nanos.getTotalCount();
  }

  /** One line, for the process that started this one. */
  String toLine() {
    return dropped + " " + gaps + " " + HistogramText.of(nanos);
  }

  static Heard ofLine(String line) {
    String[] parts = line.split(" ", 3);
    try {
      return new Heard(
          Long.parseLong(parts[0]), Long.parseLong(parts[1]), HistogramText.parse(parts[2]));
    } catch (RuntimeException e) {
      throw new IllegalStateException("a subscriber's process said: " + line, e);
    }
  }
}
