package io.howdah.bench.spring;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.spring.cache.HowdahCacheManager;
import io.howdah.spring.cache.HowdahCacheProperties;
import io.howdah.spring.json.AllowedTypes;
import io.howdah.spring.json.TypedJson;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.CacheManager;

/** Howdah's cache manager, set up as the starter does it. */
final class HowdahCacheTarget implements CacheableTarget {

  private final PostgresServer server;
  private final int keys;
  private final boolean near;
  private @Nullable Howdah howdah;

  /**
   * @param keys how many values there are
   * @param near whether they are kept in the heap as well
   */
  HowdahCacheTarget(PostgresServer server, int keys, boolean near) {
    this.server = server;
    this.keys = keys;
    this.near = near;
  }

  @Override
  public Profile profile() {
    return new Profile(
        near ? "cacheable-howdah-near" : "cacheable-howdah",
        near ? "Spring Cache Howdah, near cache" : "Spring Cache Howdah",
        "HowdahCacheManager with the starter's defaults"
            + (near ? " and a near cache that holds all values" : "")
            + "; values as JSON with class names",
        HOWDAH,
        Durability.EPHEMERAL);
  }

  @Override
  public CacheManager open() {
    Howdah opened = Howdah.builder(server.jdbcUrl()).schema(schema()).open();
    howdah = opened;
    HowdahCacheProperties properties =
        new HowdahCacheProperties(
            true,
            false,
            List.of(),
            TIME_TO_LIVE,
            Duration.ZERO,
            0.1,
            true,
            List.of(),
            new HowdahCacheProperties.Near(near, keys, Duration.ofSeconds(1)),
            Map.of());
    AllowedTypes types = AllowedTypes.of(List.of(Article.class.getPackageName()));
    ClassLoader loader = HowdahCacheTarget.class.getClassLoader();
    return new HowdahCacheManager(
        opened, properties, List.of(Catalogue.CACHE), new TypedJson(types, loader, List.of()));
  }

  /** Whoever has a near cache lets all evictions of its schema's cache be told. */
  private String schema() {
    return PostgresServer.HOWDAH_SCHEMA + (near ? "_near" : "");
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(schema() + ".cache_entry");
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
    }
  }
}
