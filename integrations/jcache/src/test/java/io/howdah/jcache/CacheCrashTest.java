package io.howdah.jcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.Durability;
import io.howdah.Howdah;
import io.howdah.testing.Eventually;
import io.howdah.testing.PrivatePostgres;
import java.util.concurrent.atomic.AtomicInteger;
import javax.cache.Cache;
import javax.cache.CacheException;
import javax.cache.CacheManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a crash of Postgres takes. */
@Tag("full")
@Timeout(180)
class CacheCrashTest {
  private static HowdahConfiguration<String, String> texts(Durability durability) {
    HowdahConfiguration<String, String> configuration = new HowdahConfiguration<>();
    configuration.setTypes(String.class, String.class);
    return configuration.setDurability(durability);
  }

  @Test
  void crashTakesAnEphemeralCacheAndLeavesADurableOne() {
    try (PrivatePostgres postgres = PrivatePostgres.create();
        Howdah howdah = Howdah.open(postgres.url());
        CacheManager manager = Managers.on(howdah)) {
      AtomicInteger wipes = new AtomicInteger();
      howdah.onWipe(wipe -> wipes.incrementAndGet());
      Cache<String, String> ephemeral =
          manager.createCache("ephemeral", texts(Durability.EPHEMERAL));
      Cache<String, String> durable = manager.createCache("durable", texts(Durability.DURABLE));
      ephemeral.put("k", "v");
      durable.put("k", "v");
      postgres.stopImmediately();
      postgres.start();
      Eventually.holds("it is back", () -> isThere(durable));
      assertThat(ephemeral.get("k")).isNull();
      Eventually.holds("the wipe is announced", () -> wipes.get() == 1);
      assertThat(ephemeral.putIfAbsent("k", "new")).isTrue();
      assertThat(ephemeral.get("k")).isEqualTo("new");
    }
  }

  private static boolean isThere(Cache<String, String> cache) {
    try {
      return "v".equals(cache.get("k"));
    } catch (CacheException e) {
      // the connections are cut
      return false;
    }
  }
}
