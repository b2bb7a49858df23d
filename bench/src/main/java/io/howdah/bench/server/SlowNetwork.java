package io.howdah.bench.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A way to a server of this machine on which everything takes longer, as over a network: what comes
 * in is passed on after half of the added round trip, whatever else is on its way. It holds back
 * nothing else, so bandwidth stays that of the machine.
 */
public final class SlowNetwork implements AutoCloseable {

  private static final int CHUNK_BYTES = 1 << 16;

  /** So that a reader that does not read slows its sender down, as in a network. */
  private static final int MOST_CHUNKS = 1_024;

  private final int serverPort;
  private final long delayNanos;
  private final ServerSocket listening;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private SlowNetwork(int serverPort, Duration addedRoundTrip, ServerSocket listening) {
    this.serverPort = serverPort;
    this.delayNanos = addedRoundTrip.toNanos() / 2;
    this.listening = listening;
  }

  /**
   * Opens a way to a port of this machine.
   *
   * @param addedRoundTrip how much longer a question and its answer take, together
   */
  public static SlowNetwork to(int serverPort, Duration addedRoundTrip) throws IOException {
    SlowNetwork network =
        new SlowNetwork(
            serverPort,
            addedRoundTrip,
            new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress()));
    start("accept", network::accept);
    return network;
  }

  /** Where it begins. */
  public int port() {
    return listening.getLocalPort();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listening.accept();
      open.add(client);
      Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
      open.add(server);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      connect(client, server);
      connect(server, client);
    }
  }

  private void connect(Socket from, Socket to) {
    BlockingQueue<Chunk> onItsWay = new LinkedBlockingQueue<>(MOST_CHUNKS);
    start("take", () -> take(from, onItsWay));
    start("deliver", () -> deliver(onItsWay, from, to));
  }

  private void take(Socket from, BlockingQueue<Chunk> onItsWay) throws InterruptedException {
    byte[] buffer = new byte[CHUNK_BYTES];
    try {
      InputStream in = from.getInputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        onItsWay.put(new Chunk(System.nanoTime() + delayNanos, Arrays.copyOf(buffer, read)));
      }
    } catch (IOException e) {
      // The connection has ended, which the other side is told next.
    }
    onItsWay.put(new Chunk(System.nanoTime() + delayNanos, new byte[0]));
  }

  private void deliver(BlockingQueue<Chunk> onItsWay, Socket from, Socket to)
      throws InterruptedException {
    try {
      OutputStream out = to.getOutputStream();
      for (Chunk chunk = onItsWay.take(); chunk.bytes.length > 0; chunk = onItsWay.take()) {
        for (long wait = chunk.dueAt - System.nanoTime();
            wait > 0;
            wait = chunk.dueAt - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
        out.write(chunk.bytes);
      }
    } catch (IOException e) {
      // The same.
    }
    close(from);
    close(to);
  }

  private void close(Socket socket) {
    open.remove(socket);
    closeQuietly(socket);
  }

  private static void closeQuietly(Closeable each) {
    try {
      each.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }

  /** What one of its threads does. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void start(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The way is closed.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "bench-network-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closeQuietly(listening);
    open.forEach(SlowNetwork::closeQuietly);
  }

  /** Some bytes, or none, which is the end. */
  private static final class Chunk {
    private final long dueAt;
    private final byte[] bytes;

    Chunk(long dueAt, byte[] bytes) {
      this.dueAt = dueAt;
      this.bytes = bytes;
    }
  }
}
