package io.howdah.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Real programs that tests use: found on the path. Where one is missing its tests are skipped; with
 * CI=true they fail.
 */
public final class Programs {
  private Programs() {}

  public static Path require(String program) {
    Optional<Path> found = find(program);
    if (found.isEmpty() && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(
          program + " is not on the path, and CI=true takes no missing program");
    }
    Assumptions.assumeTrue(found.isPresent(), program + " is not on the path");
    return found.orElseThrow();
  }

  /** A file that a package brings, which is not on the path. */
  public static void requireFile(Path file, String debianPackage) {
    boolean there = Files.exists(file);
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError(
          file + " is missing (" + debianPackage + "), and CI=true takes no missing program");
    }
    Assumptions.assumeTrue(there, file + " is missing (" + debianPackage + ")");
  }

  /**
   * One that a variable of the environment names, since it is not to be had everywhere: without it
   * its tests are skipped.
   */
  public static Path requireNamed(String variable) {
    String named = System.getenv(variable);
    Assumptions.assumeTrue(named != null && !named.isBlank(), variable + " names no program");
    Path program = Path.of(String.valueOf(named));
    if (!Files.isExecutable(program)) {
      throw new AssertionError(variable + " is " + program + ", which cannot be executed");
    }
    return program;
  }

  private static Optional<Path> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
    return Stream.of(path.split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
