package io.howdah.bench.neighbour;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * The transactions of a window of time, from pgbench's logs. With {@code --rate} the latency in the
 * log counts from when the transaction was due, so it holds the lag behind the schedule.
 */
final class PgbenchLog {

  private static final int SIGNIFICANT_DIGITS = 3;
  private static final int LATENCY = 2;
  private static final int END_SECONDS = 4;
  private static final int END_MICROS = 5;

  private final long fromMicros;
  private final long toMicros;
  private final Histogram latencies = new Histogram(SIGNIFICANT_DIGITS);
  private long failed;

  /** Of the transactions that were due from one moment to another. */
  PgbenchLog(long fromMicros, long toMicros) {
    this.fromMicros = fromMicros;
    this.toMicros = toMicros;
  }

  void read(Path file) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        read(line);
      }
    }
  }

  private void read(String line) throws IOException {
    String[] fields = line.split(" ", -1);
    if (fields.length <= END_MICROS) {
      throw new IOException("not a line of pgbench's log: " + line);
    }
    if (!fields[LATENCY].matches("\\d+")) {
      failed++;
      return;
    }
    long latency = Long.parseLong(fields[LATENCY]);
    long end =
        TimeUnit.SECONDS.toMicros(Long.parseLong(fields[END_SECONDS]))
            + Long.parseLong(fields[END_MICROS]);
    long due = end - latency;
    if (due >= fromMicros && due < toMicros) {
      latencies.recordValue(TimeUnit.MICROSECONDS.toNanos(latency));
    }
  }

  /** In nanoseconds. */
  Histogram latencies() {
    return latencies;
  }

  /** How many transactions failed or were skipped, in or out of the window. */
  long failed() {
    return failed;
  }
}
