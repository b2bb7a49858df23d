package io.howdah.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineTest {

  @Test
  void whatStandsInMemoryIsWarnedOf() {
    assertThat(machine("tmpfs", 0.2).warnings()).singleElement().asString().contains("tmpfs");
    assertThat(machine("ext4", 0.2).warnings()).isEmpty();
  }

  @Test
  void aBusyMachineIsWarnedOf() {
    assertThat(machine("ext4", 1.1).warnings())
        .singleElement()
        .asString()
        .contains("kept 1.1 of 2 processors");
    assertThat(machine("ext4", -1).warnings()).as("unknown").isEmpty();
  }

  @Test
  void theStateNamesFileSystemLoadAndHeap() {
    assertThat(machine("xfs", 0.25).describeState())
        .contains("kept 0.3 processors busy", "on xfs", "a JVM", "at most 2048 MiB");
  }

  @Test
  void theMarkdownBeginsWithTheWarnings(@TempDir Path folder) throws Exception {
    Report report =
        new Report(
            new RunInfo(
                "kv",
                Instant.EPOCH,
                "./howdah bench kv",
                machine("tmpfs", 0),
                Map.of(),
                Map.of("postgres", Map.of("fsync", "on")),
                Map.of()),
            List.of(),
            List.of(),
            List.of(),
            List.of());

    MarkdownReport.write(report, Findings.NONE, List.of(), folder.resolve("kv.md"));

    assertThat(Files.readString(folder.resolve("kv.md")))
        .startsWith("> **Warning:** The data are in memory (tmpfs)")
        .contains("- postgres: fsync on.");
  }

  @Test
  void processorsThatAreBusyAreSeen() {
    AtomicBoolean over = new AtomicBoolean();
    Thread worker =
        new Thread(() -> {
          while (!over.get()) {
            Thread.onSpinWait();
          }
        });
    worker.start();
    try {
      assertThat(Machine.detect("ext4").busyBefore()).isGreaterThan(0.5);
    } finally {
      over.set(true);
    }
  }

  private static Machine machine(String fileSystem, double load) {
    return new Machine("a processor", 2, 8L << 30, "Linux", "a JVM", 2L << 30, fileSystem, load);
  }
}
