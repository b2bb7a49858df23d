package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

@Tag("full")
final class ExpiryCommandTest {

  @TempDir Path folder;

  @Test
  void refreshesMassExpiryAndEvictionAreMeasured() throws Exception {
    CommandRun run =
        CommandRun.of(
            folder,
            "expiry --refresh-keys 1000 --refresh-seconds 1 --dead 5000 --alive 300 --read-rate 200"
                + " --eviction-keys 1000 --eviction-size 100 --eviction-rate 500 --eviction-seconds 3");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode report = run.json("expiry.json");
    assertThat(report.get("valid").asBoolean()).isTrue();
    assertThat(report.get("refresh").size()).isEqualTo(2);
    for (JsonNode refresh : report.get("refresh")) {
      assertThat(refresh.get("updates").asLong())
          .isPositive()
          .isLessThanOrEqualTo(refresh.get("calls").asLong());
      assertThat(refresh.get("hotShare").asDouble()).isBetween(0.0, 1.0);
      assertThat(refresh.get("bytesBefore").asLong()).isPositive();
    }
    JsonNode mass = report.get("massExpiry");
    assertThat(mass.get("rows").asLong()).isEqualTo(5_000);
    assertThat(mass.get("refreshedLeft").asLong()).as("never swept").isEqualTo(300);
    assertThat(mass.get("sweepStatements").asLong()).isPositive();
    assertThat(mass.get("left").get(mass.get("left").size() - 1).get("rows").asLong()).isZero();
    assertThat(mass.get("readMicrosMeanwhile").get("p99").asDouble()).isPositive();
    JsonNode eviction = report.get("eviction");
    assertThat(eviction.get("reads").asLong()).isPositive();
    for (String rate : List.of("hitRate", "fifoHitRate", "lruHitRate")) {
      assertThat(eviction.get(rate).asDouble()).as(rate).isBetween(0.01, 0.99);
    }
    assertThat(folder.resolve("expiry.md"))
        .content()
        .contains("| random |", "| contiguous |", "| Values that end at once |", "| Eviction |")
        .contains("| before their end |", "| while they are removed |")
        .contains("./howdah bench expiry --refresh-keys 1000");
    if (run.hasCharts()) {
      for (String chart : List.of("expiry-mass", "expiry-eviction")) {
        assertThat(ImageIO.read(folder.resolve(chart + ".png").toFile()).getWidth()).isPositive();
      }
    }
  }

  @Test
  void aPartIsMeasuredAlone() {
    CommandRun run =
        CommandRun.of(folder, "expiry --parts refresh --refresh-keys 200 --refresh-seconds 0.5");

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.json("expiry.json").has("eviction")).isFalse();
    assertThat(run.json("expiry.json").has("massExpiry")).isFalse();
    assertThat(run.json("expiry.json").get("refresh").size()).isEqualTo(2);
  }

  @Test
  void anOptionOutOfBoundsIsNamedWithItsBoundsAndValue() {
    CommandRun run = CommandRun.of(folder, "expiry --eviction-keys 1000 --eviction-size 501");
    CommandRun part = CommandRun.of(folder, "expiry --parts all");

    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("--eviction-size must be between 100 and 500, was 501");
    assertThat(part.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(part.output()).contains("--parts must be of refresh, mass, eviction, was 'all'");
  }
}
