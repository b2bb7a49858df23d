package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.howdah.bench.kv.KvTargets;
import io.howdah.testing.Programs;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class KvCommandTest {

  private final StringWriter output = new StringWriter();

  @TempDir Path folder;

  @Tag("full")
  @Test
  void measuresRedisAndJdbcSideBySide() throws Exception {
    Programs.require("redis-server");
    Path work = Files.createDirectory(folder.resolve("work"));

    int exitCode =
        run(
            "kv --threads 2 --rounds 2 --seconds 0.2 --first-warmup 0.2 --warmup 0 --keys 500 --ops get,set --targets",
            "lettuce,lettuce-async,lettuce-pipelined,jedis,lettuce-fsync,jdbc,jdbc-logged",
            "--work-dir",
            work.toString());

    assertThat(exitCode).as("%s", output).isZero();
    JsonNode report = JsonMapper.shared().readTree(folder.resolve("kv.json").toFile());
    assertThat(report.get("valid").asBoolean()).isTrue();
    assertThat(report.get("results").size()).as("7 contestants, 2 workloads").isEqualTo(14);
    for (JsonNode result : report.get("results")) {
      assertThat(result.get("wrongAnswers").asInt()).isZero();
      assertThat(result.get("rounds").size()).isEqualTo(2);
      assertThat(result.get("callsPerSecond").get("max").asDouble()).isPositive();
      assertThat(result.get("latencyMicros").get("p50").asDouble()).isPositive();
    }
    assertThat(baseline(report, "get", "jdbc-logged", "× Redis")).isEqualTo("lettuce");
    assertThat(baseline(report, "set", "jdbc-logged", "× Redis")).isEqualTo("lettuce-fsync");
    assertThat(baseline(report, "set", "jdbc", "× Redis")).isEqualTo("lettuce");
    assertThat(baseline(report, "set", "lettuce-fsync", "× JDBC")).isEqualTo("jdbc-logged");
    JsonNode postgres = report.get("servers").get("postgres");
    assertThat(postgres.get("fsync").asString()).isEqualTo("on");
    assertThat(postgres.get("synchronous_commit").asString()).isEqualTo("on");
    assertThat(postgres.get("server_version").asString()).startsWith("18");
    assertThat(work).as("the servers' data").isEmptyDirectory();
    assertThat(ProcessHandle.current().children())
        .filteredOn(ProcessHandle::isAlive)
        .noneMatch(each -> each.info().command().orElse("").endsWith("redis-server"));
  }

  @Test
  void leavesTablesAndPicturesBehind() throws Exception {
    int exitCode =
        run(
            "kv --threads 1,2 --rounds 1 --seconds 0.1 --first-warmup 0 --warmup 0 --keys 100 --ops get,set",
            "--targets",
            "jdbc,jdbc-logged");

    assertThat(exitCode).as("%s", output).isZero();
    assertThat(folder.resolve("kv.md"))
        .content()
        .contains("| Calls per second | 1 thread | 2 threads |")
        .contains("./howdah bench kv --threads 1,2 --rounds 1")
        .contains("a prepared statement per call")
        .contains("but at most 16, the best of 8, 10, 16 and 32")
        .contains("each after 0 s of warm-up")
        .contains("processors busy right before")
        .contains("heap of at most")
        .contains("shared_buffers 256MB")
        .contains("fsync on")
        .contains("synchronous_commit on");
    assumeFalse(output.toString().contains("No charts"), "this JDK cannot draw text");
    assertThat(fileNames())
        .containsExactlyInAnyOrder(
            "kv.json",
            "kv.md",
            "kv-get.svg",
            "kv-get.png",
            "kv-set.svg",
            "kv-set.png",
            "kv-set-durable.svg",
            "kv-set-durable.png");
  }

  @Test
  @Tag("full")
  void everyContestantPlaysEveryWorkload() throws Exception {
    List<String> contestants = new ArrayList<>(KvTargets.KV);
    contestants.retainAll(KvTargets.ALL.names(CommandRun.redis()));

    int exitCode =
        run(
            "kv --threads 3 --rounds 1 --seconds 0.05 --first-warmup 0 --warmup 0 --keys 50",
            "--ops",
            "get,set,mix");

    assertThat(exitCode).as("%s", output).isZero();
    JsonNode report = JsonMapper.shared().readTree(folder.resolve("kv.json").toFile());
    List<String> played = new ArrayList<>();
    for (JsonNode result : report.get("results")) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      // Not the calls within the time: the first ones of cold code may all come after it.
      assertThat(result.get("latencyMicros").get("max").asDouble()).isPositive();
      played.add(result.get("workload").asString() + " " + result.get("contestant").asString());
    }
    List<String> expected = new ArrayList<>();
    for (String workload : List.of("get", "set", "mix")) {
      contestants.forEach(contestant -> expected.add(workload + " " + contestant));
    }
    assertThat(played).containsExactlyElementsOf(expected);
    assumeFalse(output.toString().contains("No charts"), "this JDK cannot draw text");
    String markdown = Files.readString(folder.resolve("kv.md"));
    for (String chart : List.of("kv-get", "kv-set", "kv-set-durable", "kv-mix", "kv-mix-durable")) {
      assertThat(markdown).contains("(" + chart + ".svg)", "(" + chart + ".png)");
      assertThat(folder.resolve(chart + ".svg")).content().contains("<svg");
      assertThat(ImageIO.read(folder.resolve(chart + ".png").toFile()).getWidth()).isPositive();
    }
  }

  @Test
  void anOptionOutOfBoundsIsNamedWithItsBoundsAndValue() {
    assertThat(run("kv --threads 0")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString()).contains("--threads must be between 1 and 4096, was 0");
  }

  @Test
  void anUnknownContestantIsNamedWithTheKnownOnes() {
    assertThat(run("kv --targets memcached")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString()).contains("'memcached'").contains("lettuce-fsync");
  }

  @Test
  void withoutABenchmarkTheGroupNamesThem() {
    assertThat(run("")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString())
        .contains(
            "There are: kv, reality, scale, page, session, ratelimit, cache, spring, flags, near, channels, preferences, jobs, functions, churn, neighbour, expiry");
  }

  private int run(String arguments, String... more) {
    CommandRun run = CommandRun.of(folder, arguments, more);
    output.append(run.output());
    return run.exitCode();
  }

  private static String baseline(
      JsonNode report, String workload, String contestant, String heading) {
    for (JsonNode result : report.get("results")) {
      if (result.get("workload").asString().equals(workload)
          && result.get("contestant").asString().equals(contestant)) {
        return result.get("ratios").get(heading).get("baseline").asString();
      }
    }
    throw new AssertionError("no result of " + contestant);
  }

  private List<String> fileNames() throws Exception {
    try (var files = Files.list(folder)) {
      return files.map(each -> each.getFileName().toString()).toList();
    }
  }
}
