package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;

/** Redis through Jedis: a pool with a connection for each thread. */
final class JedisTarget implements BlockingTarget {

  private static final int KEYS_PER_COMMAND = 1_000;

  private final RedisServer server;
  private @Nullable RedisClient client;

  JedisTarget(RedisServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "jedis",
        "Redis, Jedis",
        "Redis "
            + server.persistence().description()
            + "; Jedis's pooled client, as many connections as threads",
        REDIS,
        server.persistence().durability());
  }

  @Override
  public void open(int threads) {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(threads);
    // A connection that is given back stays open: the default of 8 idle ones would reconnect.
    pool.setMaxIdle(threads);
    client =
        RedisClient.builder().hostAndPort(server.host(), server.port()).poolConfig(pool).build();
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) {
    for (Dataset.Range range : dataset.ranges(KEYS_PER_COMMAND)) {
      List<String> keysAndValues = new ArrayList<>();
      for (int i = range.from(); i < range.to(); i++) {
        keysAndValues.add(dataset.key(i));
        keysAndValues.add(dataset.value(i, 0));
      }
      client().mset(keysAndValues.toArray(String[]::new));
      watch.loaded(range.to());
    }
  }

  @Override
  public @Nullable String get(String key) {
    return client().get(key);
  }

  @Override
  public void set(String key, String value) {
    client().set(key, value);
  }

  @Override
  public long increment(String key) {
    return client().incr(key);
  }

  private RedisClient client() {
    if (client == null) {
      throw new IllegalStateException("not open");
    }
    return client;
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    server.awaitRewrite();
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
