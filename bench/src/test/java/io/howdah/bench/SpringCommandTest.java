package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.bench.spring.SpringTargets;
import io.howdah.testing.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class SpringCommandTest {

  @TempDir Path folder;

  @Test
  @Tag("full")
  void everyContestantFindsWhatItKeeps() throws Exception {
    List<String> contestants = SpringTargets.ALL.names(CommandRun.redis());

    CommandRun run =
        CommandRun.of(
            folder,
            "spring --threads 4 --rounds 2 --seconds 0.1 --first-warmup 0.1 --warmup 0.05 --sessions 50 --keys 50");

    assertThat(run.exitCode()).as("%s", run.output()).isZero();
    List<String> played = new ArrayList<>();
    for (JsonNode result : run.json("spring.json").get("results")) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      assertThat(result.get("rounds").size()).isEqualTo(2);
      // Not the calls within the time: the first ones of cold code may all come after it.
      assertThat(result.get("latencyMicros").get("max").asDouble()).isPositive();
      played.add(result.get("workload").asString() + " " + result.get("contestant").asString());
    }
    List<String> expected = new ArrayList<>();
    for (String workload : List.of("touch", "change", "hit")) {
      contestants.stream()
          .filter(name -> name.startsWith("cacheable-") == workload.equals("hit"))
          .forEach(name -> expected.add(workload + " " + name));
    }
    assertThat(played).containsExactlyElementsOf(expected);
    for (String library : List.of("spring-session", "spring-data-redis", "spring-context")) {
      assertThat(run.json("spring.json").get("libraries").get(library).asString())
          .matches("\\d+\\.\\d+\\.\\d+");
    }
  }

  @Test
  void comparesSessionsWithSessionsAndCachesWithCaches() throws Exception {
    Programs.require("redis-server");
    Path work = Files.createDirectory(folder.resolve("work"));

    CommandRun run =
        CommandRun.of(
            folder,
            "spring --threads 2 --rounds 2 --seconds 0.2 --first-warmup 0.2 --warmup 0 --sessions 20 --keys 20 --ops touch,hit --targets",
            "spring-redis-indexed,spring-jdbc-relaxed,spring-howdah,cacheable-redis,cacheable-howdah",
            "--work-dir",
            work.toString());

    assertThat(run.exitCode()).as("%s", run.output()).isZero();
    JsonNode session = ratios(run, "spring-howdah");
    assertThat(session.get("× Redis").get("baseline").asString()).isEqualTo("spring-redis-indexed");
    assertThat(session.get("× Spring JDBC").get("baseline").asString())
        .isEqualTo("spring-jdbc-relaxed");
    JsonNode cache = ratios(run, "cacheable-howdah");
    assertThat(cache.get("× Redis").get("baseline").asString()).isEqualTo("cacheable-redis");
    assertThat(cache.has("× Spring JDBC")).isFalse();
    assertThat(folder.resolve("spring.md"))
        .content()
        .contains("./howdah bench spring --threads 2 --rounds 2")
        .contains("20 sessions of 500 bytes; 20 keys, values of 1000 bytes.")
        .contains("HowdahSessionRepository with the starter's defaults");
    assertThat(work).as("the servers' data").isEmptyDirectory();
  }

  private static JsonNode ratios(CommandRun run, String contestant) {
    for (JsonNode result : run.json("spring.json").get("results")) {
      if (result.get("contestant").asString().equals(contestant)) {
        return result.get("ratios");
      }
    }
    throw new AssertionError(contestant + " did not take part");
  }

  @Test
  void anUnknownContestantIsNamedWithTheKnownOnes() {
    CommandRun run = CommandRun.of(folder, "spring --targets memcached");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("'memcached'").contains("cacheable-howdah-near");
  }

  @Test
  void anUnknownWorkloadIsNamedWithTheKnownOnes() {
    CommandRun run = CommandRun.of(folder, "spring --ops login");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("'login'").contains("touch, change, hit");
  }
}
