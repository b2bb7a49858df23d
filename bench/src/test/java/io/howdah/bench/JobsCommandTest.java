package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

final class JobsCommandTest {
  @TempDir Path folder;

  @Tag("full")
  @Test
  void eachTargetDoesItsJobs() {
    CommandRun run =
        CommandRun.of(
            folder,
            "jobs --jobs 100 --rounds 1 --threads 4 --idle-jobs 1 --finished 1000 --due 200 --held 50");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("jobs.json");
    assertThat(report.get("valid").asBoolean()).isTrue();
    assertThat(report.get("targets").findValuesAsString("name"))
        .containsExactly("howdah", "db-scheduler", "jobrunr");
    for (JsonNode target : report.get("targets")) {
      assertThat(target.get("donePerSecond").get("median").asDouble()).isPositive();
      assertThat(target.get("drainedPerSecond").get("median").asDouble()).isPositive();
    }
    JsonNode claim = report.get("claim");
    assertThat(claim.get("perSecond").asDouble()).isPositive();
    assertThat(claim.get("heldJobs").asInt()).isEqualTo(50);
    assertThat(claim.get("heldTakeMicros").get("p50").asDouble()).isPositive();
    assertThat(claim.get("afterTakeMicros").get("p99").asDouble()).isPositive();
    assertThat(report.get("libraries").get("jobrunr").asString()).startsWith("8.");
    assertThat(folder.resolve("jobs.md"))
        .content()
        .contains("| howdah |", "| when 50 were taken since |", "./howdah bench jobs");
  }

  @Test
  void unknownTargetIsRefused() {
    CommandRun run = CommandRun.of(folder, "jobs --targets quartz");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.output()).contains("--targets must be of howdah, db-scheduler, jobrunr");
  }
}
