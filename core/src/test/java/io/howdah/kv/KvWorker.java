package io.howdah.kv;

import io.howdah.Howdah;
import io.howdah.schema.SchemaMode;
import io.howdah.testing.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second process: does one thing with many threads, and prints the numbers that came out. */
final class KvWorker {
  private KvWorker() {}

  static Process start(
      String url, String schema, String what, String namespace, int threads, int times)
      throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            KvWorker.class.getName(),
            url,
            schema,
            what,
            namespace,
            Integer.toString(threads),
            Integer.toString(times))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  static List<Long> numbers(Process process) throws IOException, InterruptedException {
    List<Long> numbers = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      String line;
      while ((line = out.readLine()) != null) {
        numbers.add(Long.parseLong(line));
      }
    }
    if (process.waitFor() != 0) {
      throw new AssertionError("the second process failed");
    }
    return numbers;
  }

  public static void main(String[] args) {
    int threads = Integer.parseInt(args[4]);
    int times = Integer.parseInt(args[5]);
    try (Howdah howdah =
        Howdah.builder(args[0]).schema(args[1]).schemaMode(SchemaMode.VALIDATE).open()) {
      List<List<Long>> numbers =
          switch (args[2]) {
            case "increment" ->
                Threads.run(threads, thread -> increments(howdah.kv(args[3], Long.class), times));
            case "race" ->
                Threads.run(threads, thread -> races(howdah.kv(args[3], String.class), times));
            default -> throw new IllegalArgumentException(args[2]);
          };
      StringBuilder out = new StringBuilder();
      numbers.forEach(some -> some.forEach(number -> out.append(number).append('\n')));
      System.out.print(out);
    }
  }

  private static List<Long> increments(KeyValueStore<Long> store, int times) {
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      sums.add(store.increment("n"));
    }
    return sums;
  }

  private static List<Long> races(KeyValueStore<String> store, int races) {
    List<Long> won = new ArrayList<>();
    for (long race = 0; race < races; race++) {
      if (store.setIfAbsent("race-" + race, "them").isPresent()) {
        won.add(race);
      }
    }
    return won;
  }
}
