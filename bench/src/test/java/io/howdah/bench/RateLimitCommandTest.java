package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.howdah.bench.ratelimit.RateLimitTargets;
import io.howdah.testing.Programs;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("full")
final class RateLimitCommandTest {

  private final StringWriter output = new StringWriter();

  @TempDir Path folder;

  @Test
  void everyContestantKeepsItsLimits() throws Exception {
    List<String> contestants = RateLimitTargets.ALL.names(CommandRun.redis());

    int exitCode =
        run(
            "ratelimit --threads 4 --rounds 2 --seconds 0.1 --first-warmup 0.1 --warmup 0.05 --keys 50");

    assertThat(exitCode).as("%s", output).isZero();
    JsonNode report = report();
    List<String> played = new ArrayList<>();
    for (JsonNode result : report.get("results")) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      assertThat(result.get("rounds").size()).isEqualTo(2);
      // Not the calls within the time: the first ones of cold code may all come after it.
      assertThat(result.get("latencyMicros").get("max").asDouble()).isPositive();
      played.add(result.get("workload").asString() + " " + result.get("contestant").asString());
    }
    List<String> expected = new ArrayList<>();
    for (String workload : List.of("spread", "hot", "denied")) {
      contestants.stream()
          .filter(contestant -> workload.equals("denied") || !contestant.equals("howdah-memory"))
          .forEach(contestant -> expected.add(workload + " " + contestant));
    }
    assertThat(played).containsExactlyElementsOf(expected);
    assertThat(report.get("libraries").get("bucket4j").asString()).matches("\\d+\\.\\d+\\.\\d+");
    assumeFalse(output.toString().contains("No charts"), "this JDK cannot draw text");
    for (String chart : List.of("ratelimit-spread", "ratelimit-hot", "ratelimit-denied")) {
      assertThat(folder.resolve(chart + ".svg")).content().contains("<svg");
      assertThat(folder.resolve(chart + ".png")).isNotEmptyFile();
    }
  }

  @Test
  void comparesWithRedisAndWithEachModeOfBucket4j() throws Exception {
    Programs.require("redis-server");
    Path work = Files.createDirectory(folder.resolve("work"));

    int exitCode =
        run(
            "ratelimit --threads 2 --rounds 2 --seconds 0.3 --first-warmup 0.3 --warmup 0 --keys 20 --ops hot --targets",
            "redis-lua,bucket4j-select,bucket4j-advisory,howdah",
            "--work-dir",
            work.toString());

    assertThat(exitCode).as("%s", output).isZero();
    JsonNode ratios = null;
    for (JsonNode result : report().get("results")) {
      if (result.get("contestant").asString().equals("howdah")) {
        ratios = result.get("ratios");
      }
    }
    assertThat(ratios).isNotNull();
    assertThat(ratios.get("× Redis").get("baseline").asString()).isEqualTo("redis-lua");
    assertThat(ratios.get("× Bucket4j SELECT").get("baseline").asString())
        .isEqualTo("bucket4j-select");
    assertThat(ratios.get("× Bucket4j advisory").get("baseline").asString())
        .isEqualTo("bucket4j-advisory");
    assertThat(folder.resolve("ratelimit.md"))
        .content()
        .contains("| Calls per second | 2 threads |")
        .contains("./howdah bench ratelimit --threads 2 --rounds 2")
        .contains("20 keys.")
        .contains("an unlogged table of the columns that its manual gives");
    assertThat(work).as("the servers' data").isEmptyDirectory();
  }

  @Test
  void anUnknownContestantIsNamedWithTheKnownOnes() {
    assertThat(run("ratelimit --targets resilience4j")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString()).contains("'resilience4j'").contains("bucket4j-advisory");
  }

  @Test
  void anUnknownWorkloadIsNamedWithTheKnownOnes() {
    assertThat(run("ratelimit --ops cold")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString()).contains("'cold'").contains("spread, hot, denied");
  }

  private JsonNode report() {
    return JsonMapper.shared().readTree(folder.resolve("ratelimit.json").toFile());
  }

  private int run(String arguments, String... more) {
    CommandRun run = CommandRun.of(folder, arguments, more);
    output.append(run.output());
    return run.exitCode();
  }
}
