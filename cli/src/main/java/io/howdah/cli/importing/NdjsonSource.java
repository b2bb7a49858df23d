package io.howdah.cli.importing;

import io.howdah.kv.KvLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object a line. Its place is a number of bytes, so that going on takes no reading of what
 * was before.
 */
public final class NdjsonSource implements RecordSource {
  /** A value may not be longer; spaces around it may. */
  private static final int MOST_LINE_BYTES = KvLimits.VALUE_BYTES + (1 << 20);

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private final KeyField keyField;
  private final byte[] buffer = new byte[1 << 16];
  private int filled;
  private int used;
  private long offset;
  private long line;

  /** Behind the last whole line: a read that fails in the middle of one does not move it. */
  private Position end;

  /** Reads from a place: the stream stands at its start. */
  public NdjsonSource(InputStream in, Position from, String keyField) throws IOException {
    this.in = in;
    this.keyField = new KeyField(keyField);
    in.skipNBytes(from.offset());
    this.offset = from.offset();
    this.line = from.line();
    this.end = from;
  }

  @Override
  public @Nullable Item next() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream(1_024);
    while (true) {
      text.reset();
      Item tooLong = readLine(text);
      if (tooLong != null) {
        return tooLong;
      }
      if (text.size() == 0 && filled < 0) {
        return null;
      }
      byte[] bytes = withoutByteOrderMark(text.toByteArray());
      String json;
      try {
        json =
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().strip();
      } catch (CharacterCodingException e) {
        return new Item.Rejected(
            line, "not UTF-8", "not UTF-8", new String(bytes, StandardCharsets.UTF_8));
      }
      if (!json.isEmpty()) {
        return keyField.read(line, json);
      }
    }
  }

  private byte[] withoutByteOrderMark(byte[] text) {
    boolean marked =
        line == 1 && text.length >= 3 && java.util.Arrays.equals(text, 0, 3, BYTE_ORDER_MARK, 0, 3);
    return marked ? java.util.Arrays.copyOfRange(text, 3, text.length) : text;
  }

  /** Reads up to the end of a line, or of the file; what is too long is not kept. */
  private Item.@Nullable Rejected readLine(ByteArrayOutputStream into) throws IOException {
    boolean tooLong = false;
    boolean any = false;
    while (true) {
      if (used == filled) {
        filled = in.read(buffer);
        used = 0;
        if (filled < 0) {
          used = filled;
          break;
        }
      }
      any = true;
      int end = used;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      tooLong |= into.size() + end - used > MOST_LINE_BYTES;
      if (!tooLong) {
        into.write(buffer, used, end - used);
      }
      boolean complete = end < filled;
      offset += end - used + (complete ? 1 : 0);
      used = complete ? end + 1 : end;
      if (complete) {
        break;
      }
    }
    line += any ? 1 : 0;
    end = new Position(offset, line);
    if (!tooLong) {
      return null;
    }
    return new Item.Rejected(
        line,
        "line of more than " + MOST_LINE_BYTES + " bytes",
        "too long",
        new String(into.toByteArray(), StandardCharsets.UTF_8));
  }

  @Override
  public Position position() {
    return end;
  }

  @Override
  public long bytesRead() {
    return offset;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
