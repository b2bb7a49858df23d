package io.howdah.bench.pgbench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * The transactions of a window of time, from pgbench's logs. With {@code --rate} the latency in the
 * log counts from when the transaction was due, so it holds the lag behind the schedule.
 */
public final class PgbenchLog {

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

  /** Of those that were due in the last seconds of all logs of a folder, which is removed. */
  static PgbenchLog ofTheEnd(Path folder, int seconds) throws IOException {
    long last = 0;
    for (Path file : files(folder)) {
      try (Stream<String> lines = Files.lines(file)) {
        last = Math.max(last, lines.mapToLong(line -> end(fields(line))).max().orElse(0));
      }
    }
    PgbenchLog log = new PgbenchLog(last - TimeUnit.SECONDS.toMicros(seconds), Long.MAX_VALUE);
    log.readAll(folder);
    return log;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  /** Reads all logs of a folder, and removes them and the folder. */
  void readAll(Path folder) throws IOException {
    for (Path file : files(folder)) {
      read(file);
      Files.delete(file);
    }
    Files.delete(folder);
  }

  void read(Path file) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        read(line);
      }
    }
  }

  private void read(String line) throws IOException {
    String[] fields = fields(line);
    if (fields.length <= END_MICROS) {
      throw new IOException("not a line of pgbench's log: " + line);
    }
    if (!fields[LATENCY].matches("\\d+")) {
      failed++;
      return;
    }
    long latency = Long.parseLong(fields[LATENCY]);
    long due = end(fields) - latency;
    if (due >= fromMicros && due < toMicros) {
      latencies.recordValue(TimeUnit.MICROSECONDS.toNanos(latency));
    }
  }

  private static String[] fields(String line) {
    return line.split(" ", -1);
  }

  private static long end(String[] fields) {
    return TimeUnit.SECONDS.toMicros(Long.parseLong(fields[END_SECONDS]))
        + Long.parseLong(fields[END_MICROS]);
  }

  /** In nanoseconds. */
  public Histogram latencies() {
    return latencies;
  }

  /** How many transactions failed or were skipped, in or out of the window. */
  public long failed() {
    return failed;
  }
}
