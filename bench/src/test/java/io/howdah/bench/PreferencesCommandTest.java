package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class PreferencesCommandTest {

  @TempDir Path folder;

  @Tag("full")
  @Test
  void everyStorageAnswersEveryQuestion() {
    CommandRun run =
        CommandRun.of(
            folder,
            "preferences --users 1500 --rounds 2 --seconds 0.05 --first-warmup 0 --warmup 0");

    assertThat(run.exitCode()).as(run.output()).isZero();
    JsonNode results = run.json("preferences.json").get("results");
    assertThat(results.size()).as("5 questions, 5 storages").isEqualTo(25);
    for (JsonNode result : results) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      assertThat(result.get("rounds").size()).isEqualTo(2);
    }
    assertThat(folder.resolve("preferences.md"))
        .content()
        .contains("| set one key of 20 |", "| find users by a value, with the index |")
        .contains("hstore: time × JSONB")
        .contains("Space without the index: hstore ");
  }

  @Test
  void tooFewUsersAreRefused() {
    CommandRun run = CommandRun.of(folder, "preferences --users 999");
    assertThat(run.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(run.output()).contains("--users");
  }
}
