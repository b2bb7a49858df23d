package io.howdah.bench.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A program that a benchmark starts where it is installed. */
public enum Program {
  REDIS("redis-server", "Redis server v=(\\S+)"),
  PGBOUNCER("pgbouncer", "PgBouncer (\\S+)"),
  PGBENCH("pgbench", "pgbench \\(PostgreSQL\\) (\\S+)");

  /** Where the packages of Debian and of PostgreSQL itself keep what is not on the PATH. */
  private static final Path POSTGRES = Path.of("/usr/lib/postgresql");

  /** On the PATH of the administrator only. */
  private static final Path ADMINISTRATION = Path.of("/usr/sbin");

  private final String command;
  private final Pattern version;

  Program(String command, String version) {
    this.command = command;
    this.version = Pattern.compile(version);
  }

  /** Its name, which is that of its file. */
  public String command() {
    return command;
  }

  /** The option that names another one. */
  public String option() {
    return "--" + command;
  }

  /** The one on the PATH, or where packages put it, the newest. */
  public Optional<Path> find() throws IOException {
    List<Path> folders =
        Stream.of(onPath(), postgresVersions(), Stream.of(ADMINISTRATION))
            .flatMap(each -> each)
            .toList();
    return folders.stream()
        .map(folder -> folder.resolve(command))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Stream<Path> onPath() {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .filter(folder -> !folder.isEmpty())
        .map(Path::of);
  }

  private static Stream<Path> postgresVersions() throws IOException {
    if (!Files.isDirectory(POSTGRES)) {
      return Stream.empty();
    }
    try (Stream<Path> versions = Files.list(POSTGRES)) {
      return versions
          .filter(version -> version.getFileName().toString().matches("\\d+"))
          .sorted(Comparator.comparingInt(Program::number).reversed())
          .map(version -> version.resolve("bin"))
          .toList()
          .stream();
    }
  }

  private static int number(Path version) {
    return Integer.parseInt(version.getFileName().toString());
  }

  /**
   * The version that an executable states.
   *
   * @throws IOException when it is not this program
   */
  public String version(Path executable) throws IOException {
    Process process =
        new ProcessBuilder(executable.toString(), "--version").redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher matcher = version.matcher(output);
    if (!matcher.find()) {
      throw new IOException(
          executable
              + " does not state a version of "
              + command
              + " but: "
              + output.lines().findFirst().orElse(""));
    }
    return matcher.group(1);
  }
}
