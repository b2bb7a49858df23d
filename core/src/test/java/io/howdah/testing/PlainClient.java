package io.howdah.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A client of a server or a pooler of this machine that lets postgres in without a password. It has
 * no driver, which would ask what a pooler's console does not know, and would take the memory of
 * thousands.
 */
public final class PlainClient implements AutoCloseable {
  private static final int PROTOCOL_3 = 3 << 16;

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  /** Logs in. */
  public PlainClient(int port, String database) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 512));
    // A message goes in one piece: PgBouncer refuses half a startup message.
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 512));
    byte[] parameters = ("user\0postgres\0database\0" + database + "\0\0").getBytes(UTF_8);
    out.writeInt(8 + parameters.length);
    out.writeInt(PROTOCOL_3);
    out.write(parameters);
    out.flush();
    var none = answer();
    assert none.isEmpty();
  }

  /**
   * The rows of the answer, with their columns in a line.
   *
   * @throws IOException when it is an error, or the connection is gone
   */
  public List<String> ask(String sql) throws IOException {
    byte[] query = (sql + "\0").getBytes(UTF_8);
    out.writeByte('Q');
    out.writeInt(4 + query.length);
    out.write(query);
    out.flush();
    return answer();
  }

  private List<String> answer() throws IOException {
    List<String> rows = new ArrayList<>();
    while (true) {
      int type = in.readByte();
      byte[] body = new byte[in.readInt() - 4];
      in.readFully(body);
      switch (type) {
        case 'D' -> rows.add(row(new DataInputStream(new ByteArrayInputStream(body))));
        case 'E' -> throw new IOException(new String(body, UTF_8).replace('\0', ' '));
        case 'Z' -> {
          return rows;
        }
        default -> {}
      }
    }
  }

  private static String row(DataInputStream body) throws IOException {
    List<String> columns = new ArrayList<>();
    int count = body.readShort();
    for (int i = 0; i < count; i++) {
      int length = body.readInt();
      columns.add(length < 0 ? "" : new String(body.readNBytes(length), UTF_8));
    }
    return String.join(" ", columns);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
