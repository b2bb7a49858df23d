package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("full")
final class ChannelsCommandTest {

  @TempDir Path folder;

  @Test
  void everyMessageIsAccountedFor() {
    CommandRun run =
        CommandRun.of(
            folder,
            "channels --rate 200 --processes 2 --subscribers 3 --seconds 1 --writers 4"
                + " --commit-seconds 1");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("channels.json");
    JsonNode delivery = report.path("delivery");
    assertThat(delivery.path("published").asLong()).isEqualTo(200);
    assertThat(delivery.path("expected").asLong()).isEqualTo(1_200);
    assertThat(delivery.path("delivered").asLong()).isEqualTo(1_200);
    assertThat(delivery.path("delayMicros").path("p99").asDouble()).isPositive();
    List<String> cases = new ArrayList<>();
    for (JsonNode each : report.path("commits")) {
      assertThat(each.path("rowsPerSecond").asDouble()).isPositive();
      assertThat(each.path("commitsPerSecond").asDouble()).isPositive();
      cases.add(each.path("case").asString());
    }
    assertThat(cases).containsExactly("none", "each", "coalesced");
    assertThat(folder.resolve("channels.md")).content().contains("published/s", "rows/s");
  }

  @Test
  void badOptionsAreRefused() {
    assertThat(CommandRun.of(folder, "channels --rate 0").output()).contains("--rate must be");
  }
}
