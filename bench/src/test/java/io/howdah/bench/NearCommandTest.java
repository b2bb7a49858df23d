package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("full")
final class NearCommandTest {

  @TempDir Path folder;

  @Test
  void everyCaseIsMeasured() {
    CommandRun run = CommandRun.of(folder, "near --forks 0 --rounds 1 --millis 100");

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("bytes", "json", "records", "computed", "reads/s");
    JsonNode results = run.json("near.json");
    assertThat(results.size()).isEqualTo(4);
    for (JsonNode result : results) {
      assertThat(result.path("primaryMetric").path("score").asDouble()).isPositive();
    }
  }
}
