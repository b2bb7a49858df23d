package io.howdah.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.fault.History.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A {@link Load} in a process of its own, on a namespace of each durability level. It is told what
 * to do line by line, and answers each. {@link #main} uses nothing of Howdah that its previous
 * version did not have.
 */
final class LoadProcess implements AutoCloseable {
  /** Longer than any busy machine takes: here no call may fail. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** What is said to the parent; other lines are the log. */
  private static final String SAYS = "> ";

  private final Process process;
  private final PrintWriter orders;
  private final BufferedReader answers;

  private LoadProcess(Process process) {
    this.process = process;
    this.orders = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts one, and returns when its load has begun.
   *
   * @param number different for all that write to the same namespaces
   */
  static LoadProcess start(
      List<String> classPath,
      Map<String, String> environment,
      String url,
      String schema,
      int number)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(java.io.File.pathSeparator, classPath),
                LoadProcess.class.getName(),
                url,
                schema,
                Integer.toString(number))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    LoadProcess started = new LoadProcess(builder.start());
    long before = System.nanoTime();
    long there = Long.parseLong(started.answer());
    // Only then can their histories be one.
    assertThat(there).as("its nanoTime").isBetween(before, System.nanoTime());
    return started;
  }

  static Map<String, Durability> namespaces() {
    Map<String, Durability> namespaces = new TreeMap<>();
    for (Durability level : Durability.values()) {
      namespaces.put(level.name().toLowerCase(Locale.ROOT), level);
    }
    return namespaces;
  }

  private String answer() throws IOException {
    String line;
    while ((line = answers.readLine()) != null) {
      if (line.startsWith(SAYS)) {
        return line.substring(SAYS.length());
      }
      System.out.println(line);
    }
    throw new AssertionError("the other process has ended");
  }

  private String order(String what) throws IOException {
    orders.println(what);
    return answer();
  }

  /** Waits until so many more calls on each namespace have been answered. */
  void awaitProgress(int calls) throws IOException {
    assertThat(order("progress " + calls)).isEqualTo("done");
  }

  /** The wall clock there, in milliseconds. */
  long clock() throws IOException {
    return Long.parseLong(order("clock"));
  }

  /** Sets a value with a time to live there. */
  void setWithTimeToLive(String namespace, String key, Duration ttl) throws IOException {
    assertThat(order("set " + namespace + " " + key + " " + ttl)).isEqualTo("done");
  }

  /** The time to live as it is seen there; {@code PT0S} when there is no value. */
  Duration timeToLive(String namespace, String key) throws IOException {
    return Duration.parse(order("ttl " + namespace + " " + key));
  }

  /** Ends it; what its callers did. */
  List<Event> stop() throws IOException, InterruptedException {
    List<Event> events = new ArrayList<>();
    String line = order("stop");
    while (!line.equals("end")) {
      events.add(Event.of(line));
      line = answer();
    }
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return events;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] args) throws IOException {
    History history = new History();
    try (Howdah howdah = Howdah.builder(args[0]).schema(args[1]).callTimeout(DEADLINE).open()) {
      namespaces().forEach((name, level) -> howdah.namespaces().create(name, level));
      int number = Integer.parseInt(args[2]);
      Load load =
          new Load(howdah, List.copyOf(namespaces().keySet()), history, Load.Size.SMALL, number);
      load.start(number);
      say(Long.toString(System.nanoTime()));
      BufferedReader orders =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      String order;
      while ((order = orders.readLine()) != null && !order.equals("stop")) {
        say(obey(howdah, load, order.split(" ")));
      }
      if (!load.stop(DEADLINE.multipliedBy(2)) || !history.untyped().isEmpty()) {
        history.untyped().forEach(Throwable::printStackTrace);
        System.exit(1);
      }
    } catch (RuntimeException | Error e) {
      e.printStackTrace();
      System.exit(1);
    }
    history.events().forEach(event -> say(event.line()));
    say("end");
  }

  private static String obey(Howdah howdah, Load load, String[] order) {
    return switch (order[0]) {
      case "progress" -> {
        load.awaitProgress(Integer.parseInt(order[1]));
        yield "done";
      }
      case "clock" -> Long.toString(System.currentTimeMillis());
      case "set" ->
          howdah.kv(order[1], Long.class).set(order[2], 1L, Duration.parse(order[3])) > 0
              ? "done"
              : "no version";
      case "ttl" ->
          howdah.kv(order[1], Long.class).timeToLive(order[2]).orElse(Duration.ZERO).toString();
      default -> throw new IllegalArgumentException(order[0]);
    };
  }

  private static void say(String line) {
    System.out.println(SAYS + line);
  }
}
