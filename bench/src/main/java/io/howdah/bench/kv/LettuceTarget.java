package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.resource.Transports;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Redis as Lettuce recommends it: one connection that all threads share, synchronous commands. */
final class LettuceTarget implements BlockingTarget {

  private final String name;
  private final RedisServer server;
  private final int port;
  private final Variant variant;
  private final boolean tracking;
  private @Nullable Connected connected;

  private LettuceTarget(
      String name, RedisServer server, int port, Variant variant, boolean tracking) {
    this.name = name;
    this.server = server;
    this.port = port;
    this.variant = variant;
    this.tracking = tracking;
  }

  /**
   * @param port that leads to the server
   */
  static LettuceTarget plain(String name, RedisServer server, int port, Variant variant) {
    return new LettuceTarget(name, server, port, variant, false);
  }

  /** With client-side caching, as Lettuce has it: a map that tracking keeps fresh. */
  static LettuceTarget tracking(RedisServer server) {
    return new LettuceTarget("lettuce-tracking", server, server.port(), Variant.STANDARD, true);
  }

  @Override
  public Profile profile() {
    return new Profile(
        name,
        "Redis" + server.persistence().suffix() + ", Lettuce" + (tracking ? ", client-side" : ""),
        "Redis %s; Lettuce's synchronous commands%s, one connection shared by all threads, %s%s"
            .formatted(
                server.persistence().description(),
                tracking ? ", reads by its client-side caching in a ConcurrentHashMap" : "",
                transport(),
                variant.driving()),
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
    RedisClient client =
        RedisClient.create(
            RedisURI.builder()
                .withHost(server.host())
                .withPort(port)
                .withDatabase(variant.edition())
                .build());
    StatefulRedisConnection<String, String> connection = client.connect();
    Map<String, String> kept = new ConcurrentHashMap<>();
    connected =
        new Connected(
            client,
            connection,
            connection.sync(),
            tracking
                ? ClientSideCaching.enable(
                    CacheAccessor.forMap(kept), connection, TrackingArgs.Builder.enabled())
                : null);
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) {
    RedisLoading.load(connected().connection, dataset, watch);
  }

  @Override
  public @Nullable String get(String key) {
    CacheFrontend<String, String> cache = connected().cache;
    return cache == null ? connected().commands.get(key) : cache.get(key);
  }

  @Override
  public void set(String key, String value) {
    connected().commands.set(key, value);
  }

  @Override
  public long increment(String key) {
    return connected().commands.incr(key);
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
      RedisCommands<String, String> commands,
      @Nullable CacheFrontend<String, String> cache) {}
}
