package io.howdah.bench.neighbour;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/** Postgres's own benchmark program, on tables in a schema of ours. */
public final class Pgbench {

  /** Where the packages of Debian and of PostgreSQL itself keep what is not on the PATH. */
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

  private static final Pattern VERSION = Pattern.compile("pgbench \\(PostgreSQL\\) (\\S+)");
  private static final Pattern TPS = Pattern.compile("(?m)^tps = ([0-9.]+)");

  private final Path executable;
  private final Map<String, String> environment;
  private final String database;
  private final Path folder;

  /**
   * @param jdbcUrl of the server
   * @param schema where its tables are
   * @param folder for its logs
   */
  public Pgbench(Path executable, String jdbcUrl, String schema, Path folder) {
    this.executable = executable;
    this.folder = folder;
    PGSimpleDataSource url = new PGSimpleDataSource();
    url.setUrl(jdbcUrl);
    database = Objects.requireNonNullElse(url.getDatabaseName(), "postgres");
    environment =
        Map.of(
            "PGHOST", url.getServerNames()[0],
            "PGPORT", Integer.toString(url.getPortNumbers()[0]),
            "PGUSER", Objects.requireNonNullElse(url.getUser(), System.getProperty("user.name")),
            "PGPASSWORD", Objects.requireNonNullElse(url.getPassword(), ""),
            "PGOPTIONS", "-c search_path=" + schema);
  }

  /** The one on the PATH, or the newest that a package has put elsewhere. */
  public static Optional<Path> find() throws IOException {
    Optional<Path> onPath =
        Pattern.compile(Pattern.quote(File.pathSeparator))
            .splitAsStream(System.getenv().getOrDefault("PATH", ""))
            .filter(folder -> !folder.isEmpty())
            .map(folder -> Path.of(folder, "pgbench"))
            .filter(Files::isExecutable)
            .findFirst();
    if (onPath.isPresent() || !Files.isDirectory(DEBIAN)) {
      return onPath;
    }
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .filter(version -> version.getFileName().toString().matches("\\d+"))
          .sorted(Comparator.comparingInt(Pgbench::number).reversed())
          .map(version -> version.resolve("bin/pgbench"))
          .filter(Files::isExecutable)
          .findFirst();
    }
  }

  private static int number(Path version) {
    return Integer.parseInt(version.getFileName().toString());
  }

  /**
   * The version that an executable states.
   *
   * @throws IOException when it is not pgbench
   */
  public static String version(Path executable) throws IOException {
    Process process =
        new ProcessBuilder(executable.toString(), "--version").redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher matcher = VERSION.matcher(output);
    if (!matcher.find()) {
      throw new IOException(
          executable
              + " does not state a version of pgbench but: "
              + output.lines().findFirst().orElse(""));
    }
    return matcher.group(1);
  }

  /** Makes and fills its tables. */
  public void initialise(int scale) throws IOException, InterruptedException {
    String unused =
        run(List.of("--initialize", "--quiet", "--scale", Integer.toString(scale)), 3_600);
  }

  /** Transactions per second as fast as it can. */
  double maximum(int clients, int seconds) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(load(clients, seconds));
    String output = run(arguments, seconds);
    Matcher matcher = TPS.matcher(output);
    if (!matcher.find()) {
      throw new IOException("pgbench states no tps: " + output);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /**
   * Starts it at a rate.
   *
   * @param seed the same seed asks for the same rows
   */
  Started start(int clients, int seconds, double rate, int seed) throws IOException {
    Path logs = Files.createTempDirectory(folder, "pgbench");
    List<String> arguments = new ArrayList<>(load(clients, seconds));
    arguments.addAll(
        List.of(
            "--rate",
            String.format(Locale.ROOT, "%.3f", rate),
            "--random-seed",
            Integer.toString(seed),
            "--log",
            "--log-prefix",
            logs.resolve("log").toString()));
    return new Started(launch(arguments, logs.resolve("output")), logs, seconds);
  }

  private static List<String> load(int clients, int seconds) {
    return List.of(
        "--client",
        Integer.toString(clients),
        "--jobs",
        Integer.toString(Math.min(2, clients)),
        "--time",
        Integer.toString(seconds));
  }

  private String run(List<String> arguments, int seconds) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "pgbench", ".output");
    try {
      await(launch(arguments, output), output, seconds);
      return Files.readString(output);
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private Process launch(List<String> arguments, Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(executable.toString());
    command.addAll(arguments);
    command.add(database);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static void await(Process process, Path output, int seconds)
      throws IOException, InterruptedException {
    try {
      if (!process.waitFor(seconds + 60L, TimeUnit.SECONDS)) {
        throw new IOException("pgbench does not end: " + Files.readString(output));
      }
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException("pgbench failed: " + Files.readString(output).strip());
    }
  }

  /** One that runs. */
  static final class Started {
    private final Process process;
    private final Path logs;
    private final int seconds;

    private Started(Process process, Path logs, int seconds) {
      this.process = process;
      this.logs = logs;
      this.seconds = seconds;
    }

    /**
     * Waits for its end; what it did from one moment to another.
     *
     * @param fromMicros by the clock of the machine, since 1970
     */
    PgbenchLog finish(long fromMicros, long toMicros) throws IOException, InterruptedException {
      await(process, logs.resolve("output"), seconds);
      PgbenchLog log = new PgbenchLog(fromMicros, toMicros);
      List<Path> files;
      try (Stream<Path> all = Files.list(logs)) {
        files = all.toList();
      }
      for (Path file : files) {
        if (file.getFileName().toString().startsWith("log.")) {
          log.read(file);
        }
        Files.delete(file);
      }
      Files.delete(logs);
      return log;
    }

    /** Ends it without its log. */
    void kill() {
      process.destroyForcibly();
    }
  }
}
