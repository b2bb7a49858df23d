package io.howdah.cli.pgbouncer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which PgBouncer it is: what it understands depends on that. */
public record PgBouncerVersion(int major, int minor) implements Comparable<PgBouncerVersion> {
  /** The first one that passes SCRAM logins on to the server. */
  public static final PgBouncerVersion OLDEST = new PgBouncerVersion(1, 14);

  /** The first one that knows prepared statements, and what is assumed where none is installed. */
  public static final PgBouncerVersion PREPARES = new PgBouncerVersion(1, 21);

  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\.\\d+)?.*");
  private static final Pattern ANSWER = Pattern.compile("PgBouncer (\\S+)");

  /** Debian has it there, which is not on the path of normal users. */
  private static final List<String> PROGRAMS = List.of("pgbouncer", "/usr/sbin/pgbouncer");

  private static final int PATIENCE_SECONDS = 10;

  /** Reads one like 1.21 or 1.24.1; empty when it is none. */
  public static Optional<PgBouncerVersion> parse(String text) {
    Matcher numbers = NUMBERS.matcher(text.strip());
    return numbers.matches()
        ? Optional.of(
            new PgBouncerVersion(
                Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2))))
        : Optional.empty();
  }

  /** What {@code pgbouncer --version} says; empty when there is none on this machine. */
  public static Optional<PgBouncerVersion> installed() {
    return PROGRAMS.stream().map(PgBouncerVersion::of).flatMap(Optional::stream).findFirst();
  }

  private static Optional<PgBouncerVersion> of(String program) {
    try {
      Process process = new ProcessBuilder(program, "--version").redirectErrorStream(true).start();
      try {
        process.getOutputStream().close();
        // Its answer is a few lines, which the pipe holds.
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          return Optional.empty();
        }
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher version = ANSWER.matcher(answer);
        return version.find() ? parse(version.group(1)) : Optional.empty();
      } finally {
        var unused = process.destroyForcibly();
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Whether it has {@code max_prepared_statements}. */
  public boolean prepares() {
    return compareTo(PREPARES) >= 0;
  }

  @Override
  public int compareTo(PgBouncerVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
