package io.howdah.bench;

import io.howdah.bench.server.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A benchmark that has run, as its user sees it.
 *
 * @param exitCode 0 when all is well
 * @param output what it printed, errors too
 * @param folder where its files are
 */
record CommandRun(int exitCode, String output, Path folder) {

  /** Runs a command; the arguments are divided by blanks, {@code more} of them are as they are. */
  static CommandRun of(Path folder, String arguments, String... more) {
    List<String> all = new ArrayList<>();
    if (!arguments.isEmpty()) {
      all.addAll(List.of(arguments.split(" ")));
      all.addAll(List.of(more));
      all.addAll(List.of("--out", folder.toString()));
    }
    StringWriter output = new StringWriter();
    PrintWriter writer = new PrintWriter(output, true);
    int exitCode =
        new CommandLine(new BenchCommand())
            .setOut(writer)
            .setErr(writer)
            .execute(all.toArray(String[]::new));
    return new CommandRun(exitCode, output.toString(), folder);
  }

  /** Redis, where it is installed. */
  static Set<Program> redis() throws IOException {
    return Program.REDIS.find().isPresent() ? Set.of(Program.REDIS) : Set.of();
  }

  JsonNode json(String file) {
    return JsonMapper.shared().readTree(folder.resolve(file).toFile());
  }

  boolean hasCharts() {
    return !output.contains("No charts");
  }
}
