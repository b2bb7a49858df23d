package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.howdah.bench.session.SessionTargets;
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

final class SessionCommandTest {

  private final StringWriter output = new StringWriter();

  @TempDir Path folder;

  @Test
  @Tag("full")
  void everyContestantFindsItsSessions() throws Exception {
    List<String> contestants = SessionTargets.ALL.names(CommandRun.redis());

    int exitCode =
        run(
            "session --threads 4 --rounds 2 --seconds 0.1 --first-warmup 0.1 --warmup 0.05 --sessions 50");

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
    for (String workload : List.of("touch", "change")) {
      contestants.forEach(contestant -> expected.add(workload + " " + contestant));
    }
    assertThat(played).containsExactlyElementsOf(expected);
    for (String library : List.of("spring-session", "spring-data-redis", "spring-jdbc")) {
      assertThat(report.get("libraries").get(library).asString()).matches("\\d+\\.\\d+\\.\\d+");
    }
    assumeFalse(output.toString().contains("No charts"), "this JDK cannot draw text");
    for (String chart : List.of("session-touch", "session-change")) {
      assertThat(folder.resolve(chart + ".svg")).content().contains("<svg");
      assertThat(folder.resolve(chart + ".png")).isNotEmptyFile();
    }
  }

  @Tag("full")
  @Test
  void comparesWithSpringSessionThatPromisesTheSame() throws Exception {
    Programs.require("redis-server");
    Path work = Files.createDirectory(folder.resolve("work"));

    int exitCode =
        run(
            "session --threads 2 --rounds 2 --seconds 0.3 --first-warmup 0.3 --warmup 0 --sessions 20 --ops touch --targets",
            "spring-redis,spring-jdbc-relaxed,spring-jdbc,howdah,howdah-durable",
            "--work-dir",
            work.toString());

    assertThat(exitCode).as("%s", output).isZero();
    assertThat(baseline("howdah", "× Spring Redis")).isEqualTo("spring-redis");
    assertThat(baseline("howdah", "× Spring JDBC")).isEqualTo("spring-jdbc-relaxed");
    assertThat(baseline("howdah-durable", "× Spring JDBC")).isEqualTo("spring-jdbc");
    assertThat(folder.resolve("session.md"))
        .content()
        .contains("| Calls per second | 2 threads |")
        .contains("./howdah bench session --threads 2 --rounds 2")
        .contains("20 sessions of 500 bytes.")
        .contains("attributes by Java serialization");
    assertThat(work).as("the servers' data").isEmptyDirectory();
  }

  private String baseline(String contestant, String heading) {
    for (JsonNode result : report().get("results")) {
      if (result.get("contestant").asString().equals(contestant)) {
        return result.get("ratios").get(heading).get("baseline").asString();
      }
    }
    throw new AssertionError(contestant + " did not take part");
  }

  @Test
  void anUnknownContestantIsNamedWithTheKnownOnes() {
    assertThat(run("session --targets memcached")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString()).contains("'memcached'").contains("spring-jdbc-relaxed");
  }

  @Test
  void anUnknownWorkloadIsNamedWithTheKnownOnes() {
    assertThat(run("session --ops login")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(output.toString()).contains("'login'").contains("touch, change");
  }

  private JsonNode report() {
    return JsonMapper.shared().readTree(folder.resolve("session.json").toFile());
  }

  private int run(String arguments, String... more) {
    CommandRun run = CommandRun.of(folder, arguments, more);
    output.append(run.output());
    return run.exitCode();
  }
}
