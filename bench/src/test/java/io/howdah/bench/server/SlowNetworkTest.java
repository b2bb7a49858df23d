package io.howdah.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SlowNetworkTest {

  private static final Duration ROUND_TRIP = Duration.ofMillis(100);

  @Test
  void anAnswerTakesTheRoundTripLongerAndManyOnTheirWayDoNotAddUp() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SlowNetwork network = SlowNetwork.to(listening.getLocalPort(), ROUND_TRIP);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), network.port())) {
      Thread echo = new Thread(() -> echo(listening));
      echo.start();
      DataOutputStream out = new DataOutputStream(client.getOutputStream());
      DataInputStream in = new DataInputStream(client.getInputStream());

      long startedAt = System.nanoTime();
      out.writeInt(1);
      assertThat(in.readInt()).isEqualTo(1);
      Duration one = Duration.ofNanos(System.nanoTime() - startedAt);
      startedAt = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        out.writeInt(i);
      }
      for (int i = 0; i < 1_000; i++) {
        assertThat(in.readInt()).isEqualTo(i);
      }
      Duration thousand = Duration.ofNanos(System.nanoTime() - startedAt);

      assertThat(one).isGreaterThanOrEqualTo(ROUND_TRIP);
      assertThat(thousand).isBetween(ROUND_TRIP, ROUND_TRIP.multipliedBy(100));
      client.close();
      echo.join();
    }
  }

  @Test
  void theEndOfAConnectionIsPassedOn() throws Exception {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SlowNetwork network = SlowNetwork.to(listening.getLocalPort(), ROUND_TRIP);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), network.port())) {
      listening.accept().close();

      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  private static void echo(ServerSocket listening) {
    try (Socket socket = listening.accept()) {
      var unused = socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // The client has gone.
    }
  }
}
