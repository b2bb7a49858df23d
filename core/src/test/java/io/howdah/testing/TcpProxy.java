package io.howdah.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The network between a program and a server on this machine, for tests that stop or cut it. Bytes
 * that arrive while it is stalled are delivered when it goes on.
 */
public final class TcpProxy implements AutoCloseable {
  private final ServerSocket listening;
  private final int target;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final Object valve = new Object();
  private boolean stalled;
  private volatile boolean closed;
  private volatile long repliesBeforeCut = Long.MAX_VALUE;

  public TcpProxy(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  /** Forwards nothing any more, and keeps every connection open. */
  public void stall() {
    synchronized (valve) {
      stalled = true;
    }
  }

  public void goOn() {
    synchronized (valve) {
      stalled = false;
      valve.notifyAll();
    }
  }

  /** Cuts every connection now. */
  public void cut() {
    Socket socket;
    while ((socket = sockets.poll()) != null) {
      closeQuietly(socket);
    }
  }

  /** Lets so many more bytes of replies through, then cuts the connection in the middle. */
  public void cutAfterReplyBytes(long bytes) {
    repliesBeforeCut = bytes;
  }

  private void accept() {
    while (!closed) {
      try {
        connect(listening.accept());
      } catch (IOException e) {
        // It is closed, or out of files.
      }
    }
  }

  private void connect(Socket client) {
    sockets.add(client);
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
      sockets.add(server);
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      start(() -> forward(client, server, false));
      start(() -> forward(server, client, true));
    } catch (IOException e) {
      // Refused, like the server behind it.
      closeQuietly(client);
    }
  }

  private void forward(Socket from, Socket to, boolean replies) {
    byte[] buffer = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int length;
      while ((length = in.read(buffer)) >= 0) {
        awaitOpenValve();
        if (replies) {
          long left = repliesBeforeCut;
          if (left < length) {
            out.write(buffer, 0, (int) Math.max(0, left));
            repliesBeforeCut = Long.MAX_VALUE;
            return;
          }
          repliesBeforeCut = left == Long.MAX_VALUE ? left : left - length;
        }
        out.write(buffer, 0, length);
      }
    } catch (IOException e) {
      // The other direction has ended, or the connection was cut.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitOpenValve() throws InterruptedException {
    synchronized (valve) {
      while (stalled && !closed) {
        valve.wait();
      }
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "tcp-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed.
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    goOn();
    listening.close();
    cut();
  }
}
