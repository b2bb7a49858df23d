package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

@Tag("full")
final class ChurnCommandTest {

  private static final String SHORT =
      "churn --seconds 4 --rate 300 --threads 4 --ttl 3 --sample 1 --probe 0.2 --probe-every 2 --warmup 0.5";

  @TempDir Path folder;

  @Test
  void throughputAndSizeAreFollowedOverTime() throws Exception {
    CommandRun run = CommandRun.of(folder, SHORT);

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("churn.json");
    assertThat(report.get("valid").asBoolean()).isTrue();
    assertThat(report.get("checkedAtTheEnd").asInt()).as("values that live").isPositive();
    assertThat(report.get("samples").size()).isGreaterThanOrEqualTo(2);
    assertThat(report.get("probes").size()).as("runs at full speed").isGreaterThanOrEqualTo(3);
    for (JsonNode sample : report.get("samples")) {
      assertThat(sample.get("phase").asString()).isEqualTo("steady");
      assertThat(sample.get("callsPerSecond").asDouble()).isPositive();
      assertThat(sample.get("latencyMicros").get("p99").asDouble()).isPositive();
      assertThat(names(sample.get("tables"))).containsExactly("kv_durable", "kv_ephemeral");
      for (JsonNode table : sample.get("tables")) {
        assertThat(table.get("liveRows").asLong()).isPositive();
        assertThat(table.get("liveBytes").asLong()).isPositive();
        assertThat(table.get("timesLiveSize").asDouble()).isPositive();
      }
    }
    assertThat(report.get("changes").get("fullSpeed").get("ratio").asDouble()).isPositive();
    assertThat(folder.resolve("churn.md"))
        .content()
        .contains("| calls/s at full speed |", "| calls/s of the steady load |")
        .contains("Throughput at full speed keeps at least 90 %:")
        .contains("kv_ephemeral stays within twice its live size:")
        .contains("0 wrong answers, 0 failures")
        .contains("autovacuum_naptime 1min", "./howdah bench churn --seconds 4");
    if (run.hasCharts()) {
      for (String chart : List.of("churn-throughput", "churn-latency", "churn-size")) {
        assertThat(folder.resolve(chart + ".svg")).content().contains("<svg");
        assertThat(ImageIO.read(folder.resolve(chart + ".png").toFile()).getWidth()).isPositive();
      }
    }
  }

  @Test
  void aHeldSnapshotIsFollowedByItsRecovery() throws Exception {
    CommandRun run =
        CommandRun.of(
            folder,
            SHORT.replace(" --probe 0.2", " --probe 0")
                + " --levels ephemeral --snapshot --recovery 3");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("churn-snapshot.json");
    List<String> phases = new ArrayList<>();
    for (JsonNode sample : report.get("samples")) {
      phases.add(sample.get("phase").asString());
    }
    assertThat(phases).contains("steady", "recovery").isSortedAccordingTo((a, b) -> b.compareTo(a));
    assertThat(report.get("probes").size()).as("runs at full speed").isZero();
    assertThat(run.output())
        .containsSubsequence("a REPEATABLE READ snapshot is held", "the snapshot is released");
    assertThat(folder.resolve("churn-snapshot.md"))
        .content()
        .contains("| While the snapshot is held |", "| snapshot held |", "| after it |")
        .doesNotContain("keeps at least 90 %");
  }

  @Test
  void anOptionOutOfBoundsIsNamedWithItsBoundsAndValue() {
    mistake("--rate 0", "--rate must be between 1 and 1000000, was 0");
    mistake("--threads 1", "--threads must be between 2 and 999, was 1");
    mistake("--levels eternal", "--levels must be of ephemeral, relaxed, durable, was 'eternal'");
    mistake("--recovery 5", "--recovery needs --snapshot");
  }

  private void mistake(String arguments, String message) {
    CommandRun run = CommandRun.of(folder, "churn " + arguments);
    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains(message);
  }

  private static List<String> names(JsonNode tables) {
    List<String> names = new ArrayList<>();
    tables.forEach(table -> names.add(table.get("table").asString()));
    return names.stream().sorted().toList();
  }
}
