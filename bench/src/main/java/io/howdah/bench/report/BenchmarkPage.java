package io.howdah.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The page of the docs about benchmarks, which is made of the reports of several. */
public final class BenchmarkPage {

  /** The parts, in their order. */
  public static final List<Part> PARTS =
      List.of(
          new Part(
              "reality",
              "What is said, and what is measured",
              "What is said of Redis, of Postgres, of unlogged tables and of PgBouncer, beside the same on this machine, on which callers and servers share the processors.",
              List.of("reality")),
          scale("callers", "More callers", "In one process, each with one call at a time."),
          scale(
              "processes",
              "Many callers in many processes",
              "As an application has them: each process has its own connections.",
              // each of the processes compiles the same code, on the same processors
              "--first-warmup",
              "15"),
          scale("keys", "More keys", "Each contestant with each number of keys, in turn."),
          scale("values", "Larger values", "JSON, of letters that do not compress well."),
          scale(
              "latency",
              "A slower network",
              "A proxy adds to each round trip. Howdah has 4 lanes, the pool 4 connections."));

  /** Charts and raw figures, which the reports have beside them. */
  private static final Pattern BESIDE = Pattern.compile("\\]\\(([\\w-]+\\.(?:svg|png|json))\\)");

  private final Path docs;

  /**
   * @param docs the folder of the page
   */
  public BenchmarkPage(Path docs) {
    this.docs = docs;
  }

  /**
   * A part of the page.
   *
   * @param name what the files of its report begin with
   * @param command what measures it
   */
  public record Part(String name, String heading, String introduction, List<String> command) {}

  private static Part scale(String axis, String heading, String introduction, String... more) {
    List<String> command = new ArrayList<>(List.of("scale", "--axis", axis));
    command.addAll(List.of(more));
    return new Part("scale-" + axis, heading, introduction, command);
  }

  /** Where the reports of the parts are. */
  public Path folder() {
    return docs.resolve("benchmarks");
  }

  /** The page. */
  public Path file() {
    return docs.resolve("benchmarks.md");
  }

  /** The names of the parts that have no report. */
  public List<String> missing() {
    return PARTS.stream().filter(each -> !Files.exists(report(each))).map(Part::name).toList();
  }

  private Path report(Part part) {
    return folder().resolve(part.name + ".md");
  }

  /** Writes the page with the parts that have a report. */
  public void write() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            # Benchmarks

            Written by `./howdah bench page`; each part says what measures it again. Each contestant takes its turn in each
            round, so ratios are worth more than figures: they come from the same seconds of the same machine. All benchmarks
            and their commands: [benchmarks/README.md](benchmarks/README.md).
            """);
    for (Part part : PARTS) {
      if (Files.exists(report(part))) {
        text.append("\n## ").append(part.heading).append("\n\n");
        text.append(part.introduction);
        text.append(" Raw figures: [%s.json](%s.json).\n\n".formatted(part.name, part.name));
        text.append(Files.readString(report(part)));
      }
    }
    Files.writeString(file(), BESIDE.matcher(text).replaceAll("](benchmarks/$1)"));
  }
}
