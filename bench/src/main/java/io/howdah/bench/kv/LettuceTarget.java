package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.resource.Transports;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Redis as Lettuce recommends it: one connection that all threads share, synchronous commands. */
final class LettuceTarget implements BlockingTarget {

  private final String name;
  private final RedisServer server;
  private @Nullable Connected connected;

  LettuceTarget(String name, RedisServer server) {
    this.name = name;
    this.server = server;
  }

  @Override
  public Profile profile() {
    return new Profile(
        name,
        "Redis" + server.persistence().suffix() + ", Lettuce",
        "Redis %s; Lettuce's synchronous commands, one connection shared by all threads, %s"
            .formatted(server.persistence().description(), transport()),
        REDIS,
        server.persistence().durability());
  }

  /** Lettuce takes a native transport when it is on the class path, which changes its figures. */
  static String transport() {
    return Transports.socketChannelClass()
            .getSimpleName()
            .replace("SocketChannel", "")
            .toLowerCase(Locale.ROOT)
        + " transport";
  }

  @Override
  public void open(int threads) {
    RedisClient client = RedisClient.create(RedisURI.create(server.host(), server.port()));
    StatefulRedisConnection<String, String> connection = client.connect();
    connected = new Connected(client, connection, connection.sync());
  }

  @Override
  public void load(Dataset dataset) {
    RedisLoading.load(connected().connection, dataset);
  }

  @Override
  public @Nullable String get(String key) {
    return connected().commands.get(key);
  }

  @Override
  public void set(String key, String value) {
    connected().commands.set(key, value);
  }

  private Connected connected() {
    if (connected == null) {
      throw new IllegalStateException("not open");
    }
    return connected;
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
