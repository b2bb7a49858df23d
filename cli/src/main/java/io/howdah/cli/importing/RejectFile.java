package io.howdah.cli.importing;

import io.howdah.cli.CommandFailure;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The records that were rejected, with the reasons, a JSON object a line. */
public final class RejectFile implements Closeable {
  private final @Nullable BufferedWriter writer;

  private RejectFile(@Nullable BufferedWriter writer) {
    this.writer = writer;
  }

  /**
   * Begins it, or goes on with it.
   *
   * @param file null for none
   */
  public static RejectFile open(@Nullable Path file, boolean append) {
    if (file == null) {
      return new RejectFile(null);
    }
    try {
      StandardOpenOption mode =
          append ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
      return new RejectFile(
          Files.newBufferedWriter(
              file,
              StandardCharsets.UTF_8,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              mode));
    } catch (IOException e) {
      throw new CommandFailure("cannot write " + file + ": " + e, e);
    }
  }

  void add(Item.Rejected rejected) throws IOException {
    if (writer == null) {
      return;
    }
    ObjectNode line = JsonMapper.shared().createObjectNode();
    line.put("line", rejected.line())
        .put("reason", rejected.detail())
        .put("record", rejected.text());
    writer.write(line.toString());
    writer.newLine();
  }

  void flush() throws IOException {
    if (writer != null) {
      writer.flush();
    }
  }

  @Override
  public void close() throws IOException {
    if (writer != null) {
      writer.close();
    }
  }
}
