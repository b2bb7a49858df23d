package io.howdah.bench.channel;

import io.howdah.bench.server.ChildJvm;
import java.io.File;
import java.io.IOException;

/** A {@link SubscriberProcess}, as the one that started it sees it. */
record Subscribers(ChildJvm process) implements AutoCloseable {

  /** Starts one; {@link #awaitReady} waits until it hears. */
  static Subscribers start(String url, String schema, int subscribers, File log)
      throws IOException {
    return new Subscribers(
        ChildJvm.start(SubscriberProcess.class, log, url, schema, Integer.toString(subscribers)));
  }

  void awaitReady() throws IOException {
    process.awaitReady();
  }

  long count() throws IOException {
    return Long.parseLong(process.ask(SubscriberProcess.COUNT));
  }

  /** What was heard since the last time. */
  Heard heard() throws IOException {
    return Heard.ofLine(process.ask("heard"));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.close();
  }
}
