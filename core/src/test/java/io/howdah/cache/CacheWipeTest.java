package io.howdah.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Howdah;
import io.howdah.HowdahException;
import io.howdah.testing.PrivatePostgres;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a crash of Postgres does to caches, and what they do while it is away. */
@Timeout(180)
@Tag("full")
class CacheWipeTest {
  @Test
  void crashEmptiesCachesAndWhatWasBeingComputedIsNotStored() {
    try (PrivatePostgres postgres = PrivatePostgres.create();
        Howdah howdah = Howdah.builder(postgres.url()).sweeper(false).open()) {
      ComputedCache<String> cache = howdah.cache("c", String.class);
      cache.put("k", "old");
      assertThat(cache.evict("evicted")).isFalse();
      assertThat(
              cache.get(
                  "computing",
                  () -> {
                    postgres.kill();
                    assertThat(
                            howdah
                                .cache(
                                    "c",
                                    String.class,
                                    CacheSettings.defaults().withLoadsWhenAway(true))
                                .get("k", () -> "without"))
                        .isEqualTo("without");
                    postgres.start();
                    assertThat(atLast(() -> cache.getIfPresent("k"))).isEmpty();
                    return "computed";
                  }))
          .isEqualTo("computed");
      assertThat(atLast(() -> cache.getIfPresent("computing"))).isEmpty();
      assertThat(cache.get("k", () -> "new")).isEqualTo("new");
      assertThat(cache.get("k", () -> "newer")).isEqualTo("new");
      assertThat(cache.evict("k")).isTrue();
      assertThat(cache.getIfPresent("k")).isEmpty();
    }
  }

  /** The first calls after a crash may meet connections that it has cut. */
  private static Optional<String> atLast(Supplier<Optional<String>> read) {
    while (true) {
      try {
        return read.get();
      } catch (HowdahException e) {
        assertThat(e.code().name()).isIn("UNAVAILABLE", "TIMEOUT");
      }
    }
  }
}
