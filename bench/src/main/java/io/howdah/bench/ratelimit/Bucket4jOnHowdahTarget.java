package io.howdah.bench.ratelimit;

import static io.howdah.bench.measure.Profile.Family.HOWDAH;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.howdah.Howdah;
import io.howdah.bench.measure.Durability;
import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.PostgresServer;
import io.howdah.bucket4j.HowdahProxyManager;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Bucket4j with its buckets in Howdah: one instance with its default settings, blocking calls. */
final class Bucket4jOnHowdahTarget implements RateLimitTarget {
  private final PostgresServer server;
  private @Nullable Connected connected;

  Bucket4jOnHowdahTarget(PostgresServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "bucket4j-howdah",
        "Bucket4j on Howdah",
        "Bucket4j on Postgres through Howdah with its default settings; blocking calls",
        HOWDAH,
        Durability.EPHEMERAL);
  }

  @Override
  public void open(int threads, Allowance allowance) {
    Howdah howdah = Howdah.builder(server.jdbcUrl()).schema(PostgresServer.HOWDAH_SCHEMA).open();
    connected =
        new Connected(
            howdah, HowdahProxyManager.builder(howdah).build(), Bucket4jTarget.bucket(allowance));
  }

  @Override
  public boolean acquire(String key) {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    return connected.manager.getProxy(key, connected::bucket).tryConsume(1);
  }

  @Override
  public void settle() throws SQLException {
    server.vacuum(PostgresServer.HOWDAH_SCHEMA + ".kv_ephemeral");
  }

  @Override
  public void close() {
    if (connected != null) {
      connected.howdah.close();
      connected = null;
    }
  }

  private record Connected(
      Howdah howdah, ProxyManager<String> manager, BucketConfiguration bucket) {}
}
