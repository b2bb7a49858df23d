package io.howdah.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.bench.cache.CacheTargets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("full")
final class CacheCommandTest {

  @TempDir Path folder;

  @Test
  void everyContestantKeepsItsValues() throws Exception {
    List<String> contestants = CacheTargets.ALL.names(CommandRun.redis());

    CommandRun run =
        CommandRun.of(
            folder,
            "cache --threads 4 --rounds 2 --seconds 0.1 --first-warmup 0.1 --warmup 0.05 --keys 50");

    assertThat(run.exitCode()).as("%s", run.output()).isZero();
    List<String> played = new ArrayList<>();
    for (JsonNode result : report().get("results")) {
      assertThat(result.get("valid").asBoolean()).as("%s", result).isTrue();
      assertThat(result.get("latencyMicros").get("max").asDouble()).isPositive();
      played.add(result.get("workload").asString() + " " + result.get("contestant").asString());
    }
    List<String> expected = new ArrayList<>();
    for (String workload : List.of("hit", "changing")) {
      contestants.forEach(contestant -> expected.add(workload + " " + contestant));
    }
    assertThat(played).containsExactlyElementsOf(expected);
  }

  private JsonNode report() {
    return JsonMapper.shared().readTree(folder.resolve("cache.json").toFile());
  }
}
