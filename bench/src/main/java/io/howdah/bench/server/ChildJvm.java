package io.howdah.bench.server;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;

/** Another process with a class of ours, which answers each line that it is sent with a line. */
public final class ChildJvm implements AutoCloseable {

  /** What it says when it has started. */
  private static final String READY = "ready";

  private final Process process;
  private final File log;
  private final BufferedReader from;
  private final BufferedWriter to;

  private ChildJvm(Process process, File log) {
    this.process = process;
    this.log = log;
    this.from =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.to =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts one; {@link #awaitReady} waits until it has started.
   *
   * @param settings the first lines that it reads: unlike arguments, other users do not see them
   */
  public static ChildJvm start(Class<?> main, File log, String... settings) throws IOException {
    ChildJvm child =
        new ChildJvm(
            new ProcessBuilder(
                    List.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()))
                .redirectError(Redirect.appendTo(log))
                .start(),
            log);
    for (String setting : settings) {
      child.send(setting);
    }
    return child;
  }

  /**
   * Waits until it says that it is ready.
   *
   * @throws IllegalStateException when it ends before
   */
  public void awaitReady() throws IOException {
    if (!READY.equals(from.readLine())) {
      throw ended();
    }
  }

  private IllegalStateException ended() throws IOException {
    List<String> lines = Files.readAllLines(log.toPath());
    return new IllegalStateException(
        "a process of the benchmark has ended: "
            + String.join("; ", lines.subList(Math.max(0, lines.size() - 5), lines.size())));
  }

  /** Its answer to a line. */
  public String ask(String question) throws IOException {
    send(question);
    String answer = from.readLine();
    if (answer == null) {
      throw ended();
    }
    return answer;
  }

  private void send(String line) throws IOException {
    to.write(line + "\n");
    to.flush();
  }

  /** Speaks to the process that started this one: that it is ready. */
  public static void sayReady() {
    say(READY);
  }

  /** Speaks to the process that started this one. */
  @SuppressWarnings("SystemOut") // that is what it listens to
  public static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    to.close();
    int unused = process.waitFor();
    from.close();
  }
}
