package io.howdah.flag;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.testing.HowdahTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The answers that docs/flag-vectors.json publishes, for who evaluates flags in another language:
 * SQL and Java give them.
 */
class FlagVectorsTest extends HowdahTest {
  private static final Path FILE = Path.of("..", "docs", "flag-vectors.json");

  private static JsonNode file() {
    try {
      return RandomFlags.MAPPER.readTree(Files.readString(FILE));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void bucketsAreAsPublished() {
    JsonNode buckets = file().path("buckets");
    assertThat(buckets.size()).isGreaterThanOrEqualTo(10);
    for (JsonNode vector : buckets) {
      String name = vector.get("name").stringValue();
      String salt = vector.get("salt").stringValue();
      String user = vector.get("user_id").stringValue();
      int bucket = vector.get("bucket").intValue();
      assertThat(new Bucket(name, salt).of(user.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
          .as(vector.toString())
          .isEqualTo(bucket);
      assertThat(sql("SELECT $._flag_bucket(?, ?, ?)", name, salt, user))
          .as(vector.toString())
          .containsExactly(Integer.toString(bucket));
    }
  }

  @Test
  void evaluationsAreAsPublished() {
    JsonNode flags = file().path("evaluations");
    int answers = 0;
    for (JsonNode flag : flags) {
      String name = flag.get("name").stringValue();
      FlagDefinition definition = FlagDefinition.fromJson(flag.get("definition").toString());
      for (JsonNode vector : flag.path("answers")) {
        answers++;
        FlagEvaluation<@Nullable JsonNode> evaluation =
            definition.evaluate(
                name,
                FlagSubject.fromJson(vector.path("context").toString()),
                Instant.parse(vector.get("at").stringValue()));
        String expected =
            String.join(
                "|",
                vector.get("reason").stringValue(),
                vector.get("rule").stringValue(),
                vector.get("enabled").booleanValue() ? "on" : "off",
                vector.get("variant").isNull() ? "null" : vector.get("variant").stringValue(),
                vector.get("value").toString());
        assertThat(RandomFlags.line(evaluation)).as(flag + "; " + vector).isEqualTo(expected);
        assertThat(
                sql(
                    "SELECT concat_ws('|', e.reason, e.rule, CASE WHEN e.is_on THEN 'on' ELSE 'off' END,"
                        + " coalesce(e.variant, 'null'), coalesce(e.value, 'null') = ?::jsonb)"
                        + " FROM $._flag_evaluate(?, $._flag_definition(?::jsonb), $._flag_context(?::jsonb), ?::timestamptz) AS e",
                    vector.get("value").toString(),
                    name,
                    flag.get("definition").toString(),
                    vector.path("context").toString(),
                    vector.get("at").stringValue()))
            .as(flag + "; " + vector)
            .containsExactly(expected.substring(0, expected.lastIndexOf('|')) + "|t");
      }
    }
    assertThat(answers).isGreaterThanOrEqualTo(40);
  }
}
