package io.howdah.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.TestAccess;
import io.howdah.Wipe;
import io.howdah.cache.ComputedCache;
import io.howdah.kv.KeyValueStore;
import io.howdah.kv.NamespaceSettings;
import io.howdah.near.NearSettings;
import io.howdah.ratelimit.RateLimit;
import io.howdah.ratelimit.RateLimiter;
import io.howdah.testing.Eventually;
import io.howdah.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a crash of Postgres takes is gone, and it is known. */
class SimulateWipeTest {
  @RegisterExtension
  static final HowdahExtension HOWDAH =
      HowdahExtension.on(() -> HowdahPostgres.at(TestPostgres.url()));

  @Test
  void whatIsUnloggedIsGoneAndTheRestIsThere(Howdah howdah, HowdahTesting testing) {
    KeyValueStore<String> ephemeral = howdah.kv("ephemeral", String.class);
    howdah.namespaces().create("durable", NamespaceSettings.of(Durability.DURABLE));
    KeyValueStore<String> durable = howdah.kv("durable", String.class);
    ComputedCache<String> cache = howdah.cache("c", String.class);
    RateLimiter limiter = howdah.rateLimiter("l", RateLimit.of(1, Duration.ofDays(1)));
    ephemeral.set("k", "v");
    durable.set("k", "v");
    cache.put("k", "v");
    String session = howdah.sessions().create("u").token();
    assertThat(limiter.acquire("k").allowed()).isTrue();
    assertThat(limiter.acquire("k").allowed()).isFalse();

    testing.simulateWipe();

    assertThat(ephemeral.get("k")).isEmpty();
    assertThat(cache.getIfPresent("k")).isEmpty();
    assertThat(limiter.acquire("k").allowed()).isTrue();
    assertThat(durable.get("k")).contains("v");
    assertThat(howdah.sessions().get(session)).isPresent();
    ephemeral.set("k", "new");
    assertThat(ephemeral.get("k")).contains("new");
    assertThat(cache.get("k", () -> "computed")).isEqualTo("computed");
    assertThat(cache.get("k", () -> "again")).isEqualTo("computed");
  }

  @Test
  void everyHowdahOfTheTestHearsItOnce(Howdah howdah) {
    try (Howdah other =
        Howdah.builder(TestPostgres.url())
            .schema(TestAccess.of(howdah).schema())
            .sweeper(false)
            .open()) {
      HowdahTesting testing = HowdahTesting.of(howdah, other);
      List<Wipe> heard = new CopyOnWriteArrayList<>();
      List<Wipe> heardByOther = new CopyOnWriteArrayList<>();
      howdah.onWipe(heard::add);
      other.onWipe(heardByOther::add);
      long before = howdah.stats().engine().wipes();
      testing.simulateWipe();
      assertThat(howdah.stats().engine().wipes()).isEqualTo(before + 1);
      assertThat(other.stats().engine().wipes()).isEqualTo(1);
      testing.simulateWipe();
      assertThat(other.stats().engine().wipes()).isEqualTo(2);
      Eventually.holds("listeners are told", () -> heard.size() == 2 && heardByOther.size() == 2);
      assertThat(heard.get(0).tables()).contains("kv_ephemeral", "cache_entry", "rate_limit");
    }
  }

  @Tag("full")
  @Test
  void nearCachesAreEmptyWhenItReturns(Howdah howdah, HowdahTesting testing) {
    KeyValueStore<String> near = howdah.kv("near", String.class).near(NearSettings.defaults());
    near.set("k", "v");
    assertThat(near.get("k")).contains("v");
    assertThat(near.get("k")).contains("v");
    testing.simulateWipe();
    assertThat(near.get("k")).isEmpty();
  }
}
