package io.howdah.bench.cache;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.howdah.Codec;
import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.cache.CacheSettings;
import io.howdah.cache.ComputedCache;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Howdah as a program uses it: one instance with its default settings, blocking calls. */
final class HowdahTarget implements CacheTarget {
  private final PostgresServer server;
  private @Nullable Howdah howdah;
  private @Nullable ComputedCache<String> cache;

  HowdahTarget(PostgresServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "howdah",
        "Howdah",
        "Postgres through Howdah with its default settings; blocking calls",
        HOWDAH,
        Durability.EPHEMERAL);
  }

  @Override
  public void open() {
    Howdah opened = Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
    howdah = opened;
    cache = opened.cache("bench", Codec.rawJson(), CacheSettings.defaults());
  }

  @Override
  public String get(String key, Supplier<String> compute) {
    return cache().get(key, compute::get);
  }

  @Override
  public void evict(String key) {
    cache().evict(key);
  }

  private ComputedCache<String> cache() {
    if (cache == null) {
      throw new IllegalStateException("not open");
    }
    return cache;
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(PostgresServer.HOWDAH_SCHEMA + ".cache_entry");
    server.vacuum(PostgresServer.HOWDAH_SCHEMA + ".cache_eviction");
    server.vacuum(PostgresServer.HOWDAH_SCHEMA + ".cache_load");
  }

  @Override
  public void close() {
    if (howdah != null) {
      howdah.close();
      howdah = null;
      cache = null;
    }
  }
}
