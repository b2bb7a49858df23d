package io.howdah.bench.pgbench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.postgresql.ds.PGSimpleDataSource;

/** Postgres's own benchmark program. */
public final class Pgbench {

  private static final Pattern TPS = Pattern.compile("(?m)^tps = ([0-9.]+)");

  private final Path executable;
  private final Map<String, String> environment;
  private final String database;
  private final Path folder;

  private Pgbench(Path executable, String jdbcUrl, Map<String, String> more, Path folder) {
    this.executable = executable;
    this.folder = folder;
    PGSimpleDataSource url = new PGSimpleDataSource();
    url.setUrl(jdbcUrl);
    database = Objects.requireNonNullElse(url.getDatabaseName(), "postgres");
    environment = new HashMap<>(more);
    environment.put("PGHOST", url.getServerNames()[0]);
    environment.put("PGPORT", Integer.toString(url.getPortNumbers()[0]));
    environment.put(
        "PGUSER", Objects.requireNonNullElse(url.getUser(), System.getProperty("user.name")));
    environment.put("PGPASSWORD", Objects.requireNonNullElse(url.getPassword(), ""));
  }

  /**
   * With its own tables in a schema of ours.
   *
   * @param jdbcUrl of the server
   * @param schema where its tables are
   * @param folder for its logs
   */
  public static Pgbench withTablesIn(String schema, Path executable, String jdbcUrl, Path folder) {
    return new Pgbench(
        executable, jdbcUrl, Map.of("PGOPTIONS", "-c search_path=" + schema), folder);
  }

  /**
   * For statements that name the schema of what they use.
   *
   * @param jdbcUrl of the server or of a pooler
   * @param options what the session begins with, as {@code PGOPTIONS} has it; a pooler takes none
   * @param folder for its logs
   */
  public static Pgbench withoutTables(
      Path executable, String jdbcUrl, String options, Path folder) {
    return new Pgbench(
        executable, jdbcUrl, options.isEmpty() ? Map.of() : Map.of("PGOPTIONS", options), folder);
  }

  /** Makes and fills its tables. */
  public void initialise(int scale) throws IOException, InterruptedException {
    String unused =
        run(List.of("--initialize", "--quiet", "--scale", Integer.toString(scale)), 3_600);
  }

  /** Transactions per second as fast as it can. */
  public double maximum(int clients, int seconds) throws IOException, InterruptedException {
    String output = run(load(clients, seconds), seconds);
    Matcher matcher = TPS.matcher(output);
    if (!matcher.find()) {
      throw new IOException("pgbench states no tps: " + output);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /**
   * Runs a script as fast as it can; what it did in the last seconds.
   *
   * @param protocol how statements are sent: {@code simple}, {@code extended} or {@code prepared}
   * @param warmUp seconds before: new sessions are slow until they know the tables
   */
  public Histogram script(Path script, String protocol, int clients, int warmUp, int seconds)
      throws IOException, InterruptedException {
    Path logs = Files.createTempDirectory(folder, "pgbench");
    List<String> arguments = new ArrayList<>(load(clients, warmUp + seconds));
    arguments.addAll(List.of("--no-vacuum", "--protocol", protocol, "--file", script.toString()));
    arguments.addAll(logging(logs));
    String unused = run(arguments, warmUp + seconds);
    return PgbenchLog.ofTheEnd(logs, seconds).latencies();
  }

  private static List<String> logging(Path logs) {
    return List.of("--log", "--log-prefix", logs.resolve("log").toString());
  }

  /**
   * Starts it at a rate.
   *
   * @param seed the same seed asks for the same rows
   */
  public Started start(int clients, int seconds, double rate, int seed) throws IOException {
    Path logs = Files.createTempDirectory(folder, "pgbench");
    List<String> arguments = new ArrayList<>(load(clients, seconds));
    arguments.addAll(
        List.of(
            "--rate",
            String.format(Locale.ROOT, "%.3f", rate),
            "--random-seed",
            Integer.toString(seed)));
    arguments.addAll(logging(logs));
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
  public static final class Started {
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
    public PgbenchLog finish(long fromMicros, long toMicros)
        throws IOException, InterruptedException {
      await(process, logs.resolve("output"), seconds);
      PgbenchLog log = new PgbenchLog(fromMicros, toMicros);
      Files.deleteIfExists(logs.resolve("output"));
      log.readAll(logs);
      return log;
    }

    /** Ends it without its log. */
    public void kill() {
      process.destroyForcibly();
    }
  }
}
