package io.howdah.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.InvalidArgumentException;
import io.howdah.schema.SchemaMode;
import io.howdah.server.ServerSettings.Library;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ServerSettingsTest {
  @Test
  void theNumberOfLanesIsLeftToTheLibrary() {
    assertThat(Library.defaults().lanes()).isNull();
  }

  @Test
  void theLimitsAreThoseOfTheLibrary() {
    assertThatThrownBy(() -> new Library("howdah", SchemaMode.NONE, 33, Duration.ofSeconds(1)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageStartingWith("lanes: ");
    assertThatThrownBy(() -> new Library("howdah", SchemaMode.NONE, null, Duration.ofMillis(1)))
        .isInstanceOf(InvalidArgumentException.class)
        .hasMessageStartingWith("callTimeout: ");
  }
}
