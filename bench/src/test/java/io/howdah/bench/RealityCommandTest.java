package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.bench.kv.KvTargets;
import io.howdah.testing.Programs;
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

final class RealityCommandTest {

  private static final String SHORT =
      "reality --threads 4 --rounds 1 --first-warmup 0 --warmup 0 --keys 200";

  @TempDir Path folder;

  @Tag("full")
  @Test
  void everyClaimStandsBesideItsMeasurement() throws Exception {
    Programs.require("redis-server");
    Programs.require("pgbouncer");
    Programs.require("pgbench");

    CommandRun run = CommandRun.of(folder, SHORT + " --seconds 1");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("reality.json");
    List<String> played = new ArrayList<>();
    for (JsonNode result : report.get("results")) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      // Not the calls within the time: the first ones of cold code may all come after it.
      assertThat(result.get("callsPerSecond").get("median").asDouble()).isNotNegative();
      played.add(result.get("workload").asString() + " " + result.get("contestant").asString());
    }
    List<String> expected = new ArrayList<>();
    KvTargets.REALITY.forEach(each -> expected.add("get " + each));
    KvTargets.REALITY.forEach(each -> expected.add("set " + each));
    KvTargets.REALITY.stream()
        .filter(each -> !each.equals("lettuce-pipelined"))
        .forEach(each -> expected.add("increment " + each));
    assertThat(played).containsExactlyElementsOf(expected);
    assertThat(ratio(report, "set", "jdbc")).isEqualTo("jdbc-logged");
    assertThat(report.get("servers").get("pgbouncer").get("server_version").asString())
        .matches("\\d+\\.\\d+.*");
    assertThat(Files.readString(folder.resolve("reality.md")))
        .contains("| Calls per second | said | GET | SET | Increment |")
        .contains("| Redis, Lettuce | 500k – 1,000k |")
        .contains("| Postgres logged, one connection | 5k – 15k |")
        .contains("| Postgres unlogged, PgBouncer | 50k – 200k |")
        .contains("| Postgres unlogged, PgBouncer | below 1 ms |")
        .contains("| Postgres unlogged, JDBC | 5 – 10, where much is written |")
        .contains("the statements that JDBC sends")
        .doesNotContain("password=");
    assertThat(run.output()).doesNotContain("password=");
    if (run.hasCharts()) {
      for (String chart : List.of("reality-get", "reality-set", "reality-increment")) {
        assertThat(folder.resolve(chart + ".svg")).content().contains("<svg");
        assertThat(ImageIO.read(folder.resolve(chart + ".png").toFile()).getWidth()).isPositive();
      }
    }
  }

  @Test
  void oneConnectionHasOneCallerAndIncrementsAreCounted() {
    CommandRun run =
        CommandRun.of(folder, SHORT + " --seconds 0.3 --ops increment --targets jdbc-one,jdbc");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("reality.json");
    assertThat(report.get("results").size()).isEqualTo(2);
    assertThat(report.get("contestants").get(0).get("driving").asString())
        .contains("one caller on one connection");
  }

  @Test
  void aContestantWithoutItsProgramIsNamedWithTheProgram() {
    CommandRun run = CommandRun.of(folder, SHORT + " --pgbouncer /bin/true");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output())
        .contains("--pgbouncer does not run: /bin/true does not state a version of pgbouncer");
  }

  private static String ratio(JsonNode report, String workload, String contestant) {
    for (JsonNode result : report.get("results")) {
      if (result.get("workload").asString().equals(workload)
          && result.get("contestant").asString().equals(contestant)) {
        return result.get("ratios").get("× logged").get("baseline").asString();
      }
    }
    throw new AssertionError("no result of " + contestant);
  }
}
