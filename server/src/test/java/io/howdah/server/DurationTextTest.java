package io.howdah.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.InvalidArgumentException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "500ms,500",
    "30s,30000",
    "5m,300000",
    "2h,7200000",
    "7d,604800000",
    "PT30S,30000",
    "PT1H30M,5400000"
  })
  void aDurationIsReadAsItIsMeant(String text, long millis) {
    assertThat(DurationText.parse("ttl", text).toMillis()).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"500ms", "30s", "5m", "2h", "7d", "PT0.000001S", "PT0S"})
  void itIsWrittenAsItWasRead(String text) {
    assertThat(DurationText.format(DurationText.parse("ttl", text))).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "5 s",
        "5S",
        "1.5s",
        "-5s",
        "P",
        "PT",
        "P1Y",
        "１s",
        "999999999999999999d"
      })
  void anythingElseIsRefusedByName(String text) {
    assertThatThrownBy(() -> DurationText.parse("ttl", text))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageStartingWith("ttl: ");
  }
}
