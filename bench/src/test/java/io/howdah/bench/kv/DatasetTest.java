package io.howdah.bench.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class DatasetTest {

  @ParameterizedTest
  @ValueSource(ints = {Dataset.MIN_VALUE_BYTES, 100, 10_000})
  void valuesAreJsonOfTheLengthAskedFor(int bytes) {
    Dataset dataset = new Dataset(100_000, bytes);

    String value = dataset.value(99_999, 7);

    assertThat(value.getBytes(StandardCharsets.UTF_8)).hasSize(bytes);
    JsonNode json = JsonMapper.shared().readTree(value);
    assertThat(json.get("id").asString()).isEqualTo(dataset.key(99_999));
    assertThat(json.get("rev").asInt()).isEqualTo(7);
  }

  @Test
  void everyRevisionOfAKeyIsRecognised() {
    Dataset dataset = new Dataset(10, 100);

    for (int revision = 0; revision < Dataset.REVISIONS; revision++) {
      assertThat(dataset.isValue(3, dataset.value(3, revision))).isTrue();
    }
  }

  @Test
  void anythingElseIsNot() {
    Dataset dataset = new Dataset(10, 100);
    String value = dataset.value(3, 5);

    assertThat(dataset.isValue(4, value)).as("another key").isFalse();
    assertThat(dataset.isValue(3, value.replace("\"rev\": 5", "\"rev\": 6"))).isFalse();
    assertThat(dataset.isValue(3, value.substring(1))).isFalse();
    assertThat(dataset.isValue(3, value.replace("\"}", "x}"))).isFalse();
    assertThat(dataset.isValue(3, "")).isFalse();
  }

  @Test
  void rangesCoverEveryKeyOnce() {
    assertThat(new Dataset(10, 100).ranges(4))
        .containsExactly(
            new Dataset.Range(0, 4), new Dataset.Range(4, 8), new Dataset.Range(8, 10));
  }

  @Test
  void boundsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dataset(0, 100))
        .withMessageContaining("keys");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dataset(1, 63))
        .withMessageContaining("valueBytes");
  }
}
