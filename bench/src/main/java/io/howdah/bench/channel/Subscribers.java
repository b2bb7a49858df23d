package io.howdah.bench.channel;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A {@link SubscriberProcess}, as the one that started it sees it. */
final class Subscribers implements AutoCloseable {
  private final Process process;
  private final BufferedReader from;
  private final BufferedWriter to;

  private Subscribers(Process process) {
    this.process = process;
    this.from =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.to =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  /** Starts one; {@link #awaitReady} waits until it hears. */
  static Subscribers start(String url, String schema, int subscribers, File log)
      throws IOException {
    return new Subscribers(
        new ProcessBuilder(
                List.of(
                    System.getProperty("java.home") + "/bin/java",
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    SubscriberProcess.class.getName(),
                    url,
                    schema,
                    Integer.toString(subscribers)))
            .redirectError(Redirect.appendTo(log))
            .start());
  }

  void awaitReady() throws IOException {
    if (!SubscriberProcess.READY.equals(from.readLine())) {
      throw new IllegalStateException("a process that should listen did not start");
    }
  }

  long count() throws IOException {
    return Long.parseLong(ask(SubscriberProcess.COUNT));
  }

  /** What was heard since the last time. */
  Heard heard() throws IOException {
    return Heard.ofLine(ask("heard"));
  }

  private String ask(String question) throws IOException {
    to.write(question + "\n");
    to.flush();
    String answer = from.readLine();
    if (answer == null) {
      throw new IllegalStateException("a process that listened has ended");
    }
    return answer;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    to.close();
    process.waitFor();
    from.close();
  }
}
