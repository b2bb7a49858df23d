package io.howdah.bench.channel;

import io.howdah.Howdah;
import io.howdah.bench.server.ChildJvm;
import io.howdah.channel.ChannelSubscription;
import io.howdah.channel.Message;
import io.howdah.channel.MessageHandler;
import io.howdah.channel.SubscriptionSettings;
import io.howdah.schema.SchemaMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * A process that listens: url, schema, subscribers. It says "ready", and answers each line that it
 * is sent: "count" with how many messages it has heard, any other with what they were like, after
 * which it begins anew. It ends with its input.
 */
public final class SubscriberProcess {
  static final String CHANNEL = "bench";
  static final String COUNT = "count";

  private final AtomicLong gaps = new AtomicLong();
  private volatile Histogram nanos = empty();

  private SubscriberProcess() {}

  private static Histogram empty() {
    return new ConcurrentHistogram(Heard.MOST_NANOS, 2);
  }

  /** Runs until its input ends. */
  public static void main(String[] args) throws Exception {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String url = in.readLine();
      String schema = in.readLine();
      new SubscriberProcess().run(url, schema, Integer.parseInt(in.readLine()), in);
    }
  }

  private void run(String url, String schema, int subscribers, BufferedReader in)
      throws IOException {
    try (Howdah howdah =
        Howdah.builder(url).schema(schema).schemaMode(SchemaMode.VALIDATE).sweeper(false).open()) {
      MessageHandler handler =
          new MessageHandler() {
            @Override
            public void onMessage(Message message) {
              hear(message.payload());
            }

            @Override
            public void onGap() {
              gaps.incrementAndGet();
            }
          };
      ChannelSubscription[] all =
          IntStream.range(0, subscribers)
              .mapToObj(i ->
                  howdah.channels().subscribe(CHANNEL, handler, SubscriptionSettings.defaults()))
              .toArray(ChannelSubscription[]::new);
      ChildJvm.sayReady();
      long droppedBefore = 0;
      String line;
      while ((line = in.readLine()) != null) {
        if (line.equals(COUNT)) {
          ChildJvm.say(Long.toString(nanos.getTotalCount()));
          continue;
        }
        long dropped = 0;
        for (ChannelSubscription subscription : all) {
          dropped += subscription.dropped();
        }
        Histogram heard = nanos;
        nanos = empty();
        ChildJvm.say(new Heard(dropped - droppedBefore, gaps.getAndSet(0), heard.copy()).toLine());
        droppedBefore = dropped;
      }
    }
  }

  /** The payload begins with when it was due, by the clock that all processes share on Linux. */
  private void hear(String payload) {
    long due = Long.parseLong(payload.substring(0, payload.indexOf(' ')));
    nanos.recordValue(Math.max(0, Math.min(System.nanoTime() - due, Heard.MOST_NANOS)));
  }
}
