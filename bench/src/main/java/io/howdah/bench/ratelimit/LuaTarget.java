package io.howdah.bench.ratelimit;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Redis with a token bucket as a script, as Lettuce recommends it: one connection that all threads
 * share, synchronous commands.
 */
final class LuaTarget implements RateLimitTarget {

  /**
   * A token bucket in its cheapest form, one number a key (GCRA): the time at which the bucket is
   * full again. Answers whether the call is allowed, how many more would be, and the microseconds
   * until one is, as Howdah does.
   */
  private static final String SCRIPT =
      """
      local time = redis.call('TIME')
      local now = time[1] * 1000000 + time[2]
      local per_call = ARGV[2] / ARGV[1]
      local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + per_call
      local over = full_at - now - ARGV[2]
      if over > 0 then
        return {0, 0, math.ceil(over)}
      end
      redis.call('SET', KEYS[1], full_at, 'PX', math.ceil((full_at - now) / 1000))
      return {1, math.floor(-over / per_call), 0}
      """;

  private final RedisServer server;
  private @Nullable Connected connected;

  LuaTarget(RedisServer server) {
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        "redis-lua",
        "Redis, Lua token bucket",
        "Redis %s; a token bucket (GCRA) as a Lua script by EVALSHA, Lettuce's synchronous"
                .formatted(server.persistence().description())
            + " commands, one connection shared by all threads",
        REDIS,
        server.persistence().durability());
  }

  @Override
  public void open(int threads, Allowance allowance) {
    RedisClient client = RedisClient.create(RedisURI.create(server.host(), server.port()));
    StatefulRedisConnection<String, String> connection = client.connect();
    RedisCommands<String, String> commands = connection.sync();
    connected =
        new Connected(
            client,
            connection,
            commands,
            commands.scriptLoad(SCRIPT),
            Long.toString(allowance.calls()),
            Long.toString(TimeUnit.SECONDS.toMicros(allowance.period().toSeconds())));
  }

  @Override
  public boolean acquire(String key) {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    List<Long> answer =
        connected.commands.evalsha(
            connected.script,
            ScriptOutputType.MULTI,
            new String[] {key},
            connected.calls,
            connected.micros);
    return answer.get(0) == 1;
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
      RedisCommands<String, String> commands,
      String script,
      String calls,
      String micros) {}
}
