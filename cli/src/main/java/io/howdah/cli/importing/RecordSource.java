package io.howdah.cli.importing;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the records of a file, one after the other. */
public sealed interface RecordSource extends Closeable permits NdjsonSource, CsvSource {
  /**
   * The next record; null at the end.
   *
   * @throws IOException when there is no reading on from here
   */
  @Nullable Item next() throws IOException;

  /** Where a later import would go on behind the last record, as this format counts. */
  Position position();

  /** How much of the file has been read; for the progress. */
  long bytesRead();

  /**
   * A place between two records.
   *
   * @param offset bytes (NDJSON) or records (CSV) before it
   * @param line lines before it
   */
  record Position(long offset, long line) {
    public static final Position START = new Position(0, 0);
  }
}
