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

final class ScaleCommandTest {

  private static final String SHORT =
      " --rounds 1 --seconds 0.2 --first-warmup 0 --warmup 0 --ops get --targets jdbc,howdah-ephemeral";

  @TempDir Path folder;

  @Test
  void eachContestantPlaysWithEachAmountInTheSameRounds() throws Exception {
    CommandRun run =
        CommandRun.of(
            folder, "scale --axis values --values 100,2000 --callers 3 --keys 50" + SHORT);

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(contestants(run.json("scale-values.json")))
        .containsExactly("jdbc@100", "jdbc@2000", "howdah-ephemeral@100", "howdah-ephemeral@2000");
    assertThat(folder.resolve("scale-values.md"))
        .content()
        .contains("./howdah bench scale --axis values --values 100,2000")
        .contains("| Howdah ephemeral, 2000 bytes |");
    if (run.hasCharts()) {
      assertThat(folder.resolve("scale-values-get.svg")).content().contains("<svg");
      assertThat(ImageIO.read(folder.resolve("scale-values-get.png").toFile()).getWidth())
          .isPositive();
    }
  }

  @Tag("full")
  @Test
  void moreKeysAreLoadedAndComparedWithFewer() {
    CommandRun run =
        CommandRun.of(folder, "scale --axis keys --values 1000,200000 --callers 2" + SHORT);

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("loading 200,000 keys of 100 bytes into Howdah ephemeral");
    assertThat(contestants(run.json("scale-keys.json"))).contains("howdah-ephemeral@200000");
  }

  @Tag("full")
  @Test
  void aNetworkThatIsFurtherAwayCostsAStatementPerCallItsRoundTrip() {
    CommandRun run =
        CommandRun.of(
            folder, "scale --axis latency --values 0,20000 --callers 16 --keys 50" + SHORT);

    assertThat(run.exitCode()).as(run.output()).isZero();
    for (JsonNode result : run.json("scale-latency.json").get("results")) {
      if (result.get("contestant").asString().endsWith("@20000")) {
        assertThat(result.get("latencyMicros").get("p50").asDouble()).isGreaterThan(19_000);
      }
    }
    assertThat(run.output())
        .contains("16 callers, 20 ms further away: Howdah on 4 lanes, times a statement per call");
  }

  @Tag("full")
  @Test
  void callersAreSpreadOverProcesses() {
    Programs.require("redis-server");
    Programs.require("pgbouncer");

    CommandRun run =
        CommandRun.of(
            folder,
            "scale --axis processes --values 2 --callers 6 --keys 50 --lanes 3 --rounds 1 --seconds 0.5"
                + " --first-warmup 0 --warmup 0");

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(contestants(run.json("scale-processes.json")))
        .containsExactly(
            "lettuce@2", "jdbc-pgbouncer@2", "howdah-ephemeral@2", "howdah-pgbouncer@2");
    assertThat(run.output())
        .contains(
            "6 callers in 2 processes: Howdah on 3 lanes in each, through PgBouncer, times Redis")
        .doesNotContain("password=");
  }

  @Tag("full")
  @Test
  void callersAreTheThreadsOfTheCases() {
    CommandRun run = CommandRun.of(folder, "scale --axis callers --values 1,3 --keys 50" + SHORT);

    assertThat(run.exitCode()).as(run.output()).isZero();
    List<String> threads = new ArrayList<>();
    run.json("scale-callers.json")
        .get("results")
        .forEach(result -> threads.add(result.get("threads").asString()));
    assertThat(threads).containsExactly("1", "1", "3", "3");
  }

  @Test
  void anUnknownAxisIsNamedWithTheKnownOnes() {
    CommandRun run = CommandRun.of(folder, "scale --axis moon");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output())
        .contains("--axis must be of keys, values, callers, latency, processes, was 'moon'");
  }

  @Test
  void callersThatDoNotSpreadEvenlyAreRefused() {
    CommandRun run = CommandRun.of(folder, "scale --axis processes --values 3 --callers 10");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("--callers must be a multiple of --values");
  }

  private static List<String> contestants(JsonNode report) {
    List<String> names = new ArrayList<>();
    for (JsonNode result : report.get("results")) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      names.add(result.get("contestant").asString());
    }
    return names;
  }
}
