package io.howdah.cli.importing;

import io.howdah.cli.CommandFailure;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The records that were rejected, with the reasons, a JSON object a line. */
public final class RejectFile implements Closeable {
  private final @Nullable Output output;

  private record Output(String file, FileChannel channel, BufferedWriter writer) {}

  /**
   * How far one is.
   *
   * @param file its absolute path
   * @param bytes its length
   */
  public record Place(String file, long bytes) {}

  private RejectFile(@Nullable Output output) {
    this.output = output;
  }

  /**
   * Begins it, or goes on with it: what is behind that place is written again.
   *
   * @param file null for none
   * @param before where an earlier run was; null to begin
   */
  public static RejectFile open(@Nullable Path file, @Nullable Place before) {
    if (file == null) {
      return new RejectFile(null);
    }
    String name = file.toAbsolutePath().normalize().toString();
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      long kept = before != null && before.file().equals(name) ? before.bytes() : 0;
      FileChannel truncated = channel.truncate(kept);
      BufferedWriter writer =
          new BufferedWriter(
              Channels.newWriter(truncated.position(truncated.size()), StandardCharsets.UTF_8));
      return new RejectFile(new Output(name, channel, writer));
    } catch (IOException e) {
      throw new CommandFailure("cannot write " + file + ": " + e, e);
    }
  }

  void add(Item.Rejected rejected) throws IOException {
    if (output == null) {
      return;
    }
    ObjectNode line = JsonMapper.shared().createObjectNode();
    line.put("line", rejected.line())
        .put("reason", rejected.detail())
        .put("record", rejected.text());
    output.writer().write(line.toString());
    output.writer().newLine();
  }

  /** Writes what was added; how far it is then. */
  @Nullable Place flush() throws IOException {
    if (output == null) {
      return null;
    }
    output.writer().flush();
    return new Place(output.file(), output.channel().position());
  }

  @Override
  public void close() throws IOException {
    if (output != null) {
      output.writer().close();
    }
  }
}
