package io.howdah.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client that stops where no other would: in the middle of a body. */
final class RawClient implements AutoCloseable {
  private final Socket socket;
  private final String host;

  RawClient(String url) throws IOException {
    int port = URI.create(url).getPort();
    this.socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    this.host = "127.0.0.1:" + port;
    socket.setSoTimeout(20_000);
  }

  /** Begins a PUT of bytes. When this returns the server has asked for the body. */
  RawClient put(String path, String lengthHeader) throws IOException {
    String go = "HTTP/1.1 100 Continue\r\n\r\n";
    assertThat(new String(head(path, lengthHeader).read(go.length()), StandardCharsets.UTF_8))
        .isEqualTo(go);
    return this;
  }

  /** Asks whether the body of a PUT is welcome. */
  RawClient head(String path, String lengthHeader) throws IOException {
    return send(
        String.join(
            "\r\n",
            "PUT " + path + " HTTP/1.1",
            "Host: " + host,
            "Content-Type: application/octet-stream",
            lengthHeader,
            "Expect: 100-continue",
            "Connection: close",
            "",
            ""));
  }

  RawClient get(String path) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  RawClient endOfOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  byte[] read(int bytes) throws IOException {
    return socket.getInputStream().readNBytes(bytes);
  }

  /** All that the server says until it closes the connection. */
  String answer() throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** At once, and whatever is on its way: the other side finds the connection broken. */
  @Override
  public void close() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }
}
