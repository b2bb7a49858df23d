package io.howdah.cli.importing;

import io.howdah.cli.CommandFailure;
import io.howdah.kv.KvLimits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Comma-separated values (RFC 4180) with a header row: each row is an object of strings. Its place
 * is a number of rows; what is before it is read, but not stored, again.
 */
public final class CsvSource implements RecordSource {
  /** A quote that is left open would swallow the rest of the file. */
  private static final long MOST_RECORD_BYTES = 2L * KvLimits.VALUE_BYTES;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /** Stands for bytes that are no UTF-8: half a surrogate pair, which UTF-8 cannot hold. */
  private static final char MALFORMED = '\uDFFF';

  private static final String NOT_UTF_8 = "not UTF-8";

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .setIgnoreEmptyLines(true)
          .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
          .get();

  private final Bounded in;
  private final CSVParser parser;
  private final Iterator<CSVRecord> rows;
  private final List<String> fields;
  private final String keyField;
  private long records;
  private long lastLine;

  /** Reads from a place: the stream stands at the start of the file all the same. */
  public CsvSource(InputStream file, Position from, String keyField) throws IOException {
    this.in = new Bounded(file);
    this.keyField = keyField;
    try {
      this.parser = CSVParser.builder().setReader(reader(in)).setFormat(FORMAT).get();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("the header row of the CSV is of no use: " + e.getMessage(), e);
    }
    this.rows = parser.iterator();
    this.fields = List.copyOf(parser.getHeaderNames());
    if (fields.stream().anyMatch(CsvSource::isMalformed)) {
      throw new CommandFailure("the header row of the CSV is of no use: " + NOT_UTF_8);
    }
    if (!fields.contains(keyField)) {
      throw new CommandFailure(
          "the CSV has no field '"
              + keyField
              + "'; its header names: "
              + String.join(", ", fields));
    }
    while (records < from.offset() && next() != null) {
      // imported before
    }
  }

  private static Reader reader(InputStream in) throws IOException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .replaceWith(String.valueOf(MALFORMED));
    InputStreamReader reader = new InputStreamReader(in, decoder);
    java.io.PushbackReader marked = new java.io.PushbackReader(reader);
    int first = marked.read();
    if (first >= 0 && first != BYTE_ORDER_MARK) {
      marked.unread(first);
    }
    return marked;
  }

  @Override
  public @Nullable Item next() throws IOException {
    in.recordBegins();
    long line = parser.getCurrentLineNumber() + 1;
    try {
      if (!rows.hasNext()) {
        return null;
      }
      CSVRecord row = rows.next();
      records++;
      lastLine = parser.getCurrentLineNumber();
      return item(line, row);
    } catch (UncheckedIOException e) {
      throw failure(line, e.getCause() == null ? e : e.getCause());
    } catch (IllegalStateException e) {
      throw failure(line, e);
    }
  }

  private static IOException failure(long line, Exception cause) {
    return new IOException(
        "the file cannot be read on from line " + line + ": " + cause.getMessage(), cause);
  }

  private Item item(long line, CSVRecord row) {
    ObjectNode object = JsonMapper.shared().createObjectNode();
    for (int i = 0; i < Math.min(row.size(), fields.size()); i++) {
      object.put(fields.get(i), readable(row.get(i)));
    }
    String json = object.toString();
    if (row.stream().anyMatch(CsvSource::isMalformed)) {
      return new Item.Rejected(line, NOT_UTF_8, NOT_UTF_8, json);
    }
    if (!row.isConsistent()) {
      return new Item.Rejected(
          line,
          "another number of fields than the header",
          row.size() + " fields, the header has " + fields.size(),
          json);
    }
    return new Item.Accepted(line, row.get(keyField), json);
  }

  private static boolean isMalformed(String text) {
    int at = text.indexOf(MALFORMED);
    while (at > 0 && Character.isHighSurrogate(text.charAt(at - 1))) {
      at = text.indexOf(MALFORMED, at + 1); // the second half of a whole pair
    }
    return at >= 0;
  }

  private static String readable(String text) {
    return isMalformed(text) ? text.replace(MALFORMED, '\uFFFD') : text;
  }

  @Override
  public Position position() {
    return new Position(records, lastLine);
  }

  @Override
  public long bytesRead() {
    return in.read;
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }

  /** Counts, and bounds what one record takes. */
  private static final class Bounded extends FilterInputStream {
    private long read;
    private long begin;

    Bounded(InputStream in) {
      super(in);
    }

    void recordBegins() {
      begin = read;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (read - begin > MOST_RECORD_BYTES) {
        throw new IOException(
            "a record of more than "
                + MOST_RECORD_BYTES
                + " bytes; is there a quote that does not end?");
      }
      int count = super.read(into, from, length);
      read += Math.max(count, 0);
      return count;
    }
  }
}
