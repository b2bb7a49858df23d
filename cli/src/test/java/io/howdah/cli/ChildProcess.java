package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The program in a process of its own, as a user runs it. */
final class ChildProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path out;
  private final Path err;

  private ChildProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  static ChildProcess start(Path folder, String... args) throws IOException {
    return start(folder, Map.of(), args);
  }

  /** Its output goes into files in the folder. */
  static ChildProcess start(Path folder, Map<String, String> environment, String... args)
      throws IOException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m", "-Djava.io.tmpdir=" + folder, "-Dlogback.configurationFile=logback.xml"));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new ChildProcess(builder.start(), out, err);
  }

  long pid() {
    return process.pid();
  }

  String out() {
    return read(out);
  }

  String err() {
    return read(err);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the ready line of a server. */
  ChildProcess awaitReady() {
    await(() -> out().contains("psql ") || !process.isAlive());
    assertThat(out()).as(err()).contains("Howdah is ready");
    return this;
  }

  void await(BooleanSupplier condition) {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - giveUpAt).as(out() + err()).isNegative();
      LockSupport.parkNanos(10_000_000);
    }
  }

  int awaitExit() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(out() + err()).isTrue();
    return process.exitValue();
  }

  /** As Ctrl-C and service managers do. */
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitExit();
  }

  /** As the kernel does when memory is short. */
  void kill() throws InterruptedException {
    var unused = process.destroyForcibly().waitFor();
  }

  String httpUrl() {
    return part("Howdah is ready: (\\S+) .*");
  }

  String jdbcUrl() {
    return part("Howdah is ready: \\S+ (\\S+).*");
  }

  private String part(String pattern) {
    String line =
        out().lines().filter(text -> text.startsWith("Howdah is ready")).findFirst().orElseThrow();
    return line.replaceFirst(pattern, "$1");
  }

  @Override
  public void close() throws Exception {
    if (process.isAlive()) {
      int unused = terminate();
    }
  }
}
