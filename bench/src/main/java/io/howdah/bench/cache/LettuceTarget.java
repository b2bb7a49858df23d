package io.howdah.bench.cache;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Cache-aside as it is written for Redis: GET, and where there is nothing, compute and SET; DEL
 * evicts. Everybody who misses computes, and what somebody computed before a DEL is kept after it.
 */
final class LettuceTarget implements CacheTarget {
  private static final SetArgs TEN_MINUTES = SetArgs.Builder.ex(Duration.ofMinutes(10));

  private final RedisServer server;
  private @Nullable Connected connected;

  LettuceTarget(RedisServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "redis-aside",
        "Redis, cache-aside",
        "Redis %s; GET, SET and DEL by Lettuce's synchronous commands, one connection shared by all threads"
            .formatted(server.persistence().description()),
        REDIS,
        server.persistence().durability());
  }

  @Override
  public void open() {
    RedisClient client = RedisClient.create(RedisURI.create(server.host(), server.port()));
    StatefulRedisConnection<String, String> connection = client.connect();
    connected = new Connected(client, connection, connection.sync());
  }

  @Override
  public String get(String key, Supplier<String> compute) {
    String found = commands().get(key);
    if (found != null) {
      return found;
    }
    String computed = compute.get();
    String answer = commands().set(key, computed, TEN_MINUTES);
    if (!"OK".equals(answer)) {
      throw new IllegalStateException("SET answered " + answer);
    }
    return computed;
  }

  @Override
  public void evict(String key) {
    long deleted = commands().del(key);
    assert deleted <= 1;
  }

  private RedisCommands<String, String> commands() {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    return connected.commands;
  }

  @Override
  public void settle() throws IOException, InterruptedException {
    server.awaitRewrite();
  }

  @Override
  public void close() {
    if (connected != null) {
      connected.connection.close();
      connected.client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
      connected = null;
    }
  }

  private record Connected(
      RedisClient client,
      StatefulRedisConnection<String, String> connection,
      RedisCommands<String, String> commands) {}
}
