package io.howdah.server.http;

import static io.howdah.server.ProblemAssert.assertBadArgument;
import static io.howdah.server.ServerFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.server.ServerFixture;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class StatsTest {
  @Test
  void figuresAreThoseOfTheSqlFunction() {
    try (ServerFixture server = ServerFixture.start(StatsTest.class)) {
      assertThat(server.put("/v1/kv/n/k", "1").statusCode()).isEqualTo(204);
      JsonNode stats = json(server.get("/v1/stats"));
      Set<String> names = new HashSet<>();
      for (JsonNode figure : stats.path("figures")) {
        names.add(figure.path("subject").stringValue() + " " + figure.path("figure").stringValue());
        assertThat(figure.path("value").isNumber()).isTrue();
      }
      assertThat(names)
          .contains(
              "kv_ephemeral rows", "kv_durable bytes", "wipes count", "kv_ephemeral swept_rows");
      assertThat(stats.path("degraded").isObject()).isTrue();
      assertBadArgument(server.get("/v1/stats?x=1"), "x");
    }
  }
}
