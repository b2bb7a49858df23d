package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.Programs;
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
final class NeighbourCommandTest {

  private static final String SHORT =
      "neighbour --rates 100,300 --threads 4 --keys 200 --scale 2 --clients 2 --rounds 2 --seconds 2"
          + " --warmup 1 --maximum-seconds 1 --wal-seconds 1";

  @TempDir Path folder;

  @Test
  void pgbenchIsMeasuredAloneAndBesideHowdah() throws Exception {
    Path pgbench = Programs.require("pgbench");

    CommandRun run =
        CommandRun.of(folder, SHORT + " --levels ephemeral,durable --pgbench " + pgbench);

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("neighbour.json");
    assertThat(report.get("valid").asBoolean()).isTrue();
    assertThat(report.get("maximumTransactionsPerSecond").asDouble()).isPositive();
    assertThat(report.get("command").asString()).doesNotContain("pgbench");
    assertThat(names(report.get("cases")))
        .containsExactly(
            "alone", "alone-again", "ephemeral-100", "ephemeral-300", "durable-100", "durable-300");
    for (JsonNode each : report.get("cases")) {
      assertThat(each.get("rounds").size()).isEqualTo(2);
      for (JsonNode round : each.get("rounds")) {
        assertThat(round.get("transactions").asLong()).isPositive();
        assertThat(round.get("calls").asLong() > 0).isEqualTo(each.has("level"));
        assertThat(round.get("walBytes").asLong()).as("pgbench writes").isPositive();
      }
      if (!each.get("case").asString().equals("alone")) {
        assertThat(each.get("ratios").get("p99").get("median").asDouble()).isPositive();
      }
    }
    assertThat(report.get("wal").size()).as("2 levels, 2 rates").isEqualTo(4);
    for (JsonNode cost : report.get("wal")) {
      assertThat(cost.get("bytesPerCall").asDouble()).isPositive();
      assertThat(cost.get("bytesPerCallAfterCheckpoint").asDouble()).isPositive();
    }
    assertThat(report.get("growth").size()).as("tables").isEqualTo(2);
    assertThat(folder.resolve("neighbour.md"))
        .content()
        .contains("| without Howdah |", "| without Howdah, again |", "| durable, 300/s |")
        .contains("a latency counts from when the transaction was due, so it holds the lag")
        .contains("pgbench ", "./howdah bench neighbour --rates 100,300")
        .doesNotContain(pgbench.toString());
    if (run.hasCharts()) {
      for (String chart : List.of("neighbour-p50", "neighbour-p99")) {
        assertThat(ImageIO.read(folder.resolve(chart + ".png").toFile()).getWidth()).isPositive();
      }
    }
  }

  @Test
  void whatIsNoPgbenchIsNamed() {
    CommandRun run = CommandRun.of(folder, "neighbour --pgbench /bin/true");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("--pgbench does not run: /bin/true does not state a version");
  }

  @Test
  void anOptionOutOfBoundsIsNamedWithItsBoundsAndValue() {
    CommandRun run = CommandRun.of(folder, "neighbour --scale 3");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("--scale must be between 8 and 10000, was 3");
  }

  private static List<String> names(JsonNode cases) {
    List<String> names = new ArrayList<>();
    cases.forEach(each -> names.add(each.get("case").asString()));
    return names;
  }
}
