package io.howdah.bench.kv;

import static io.howdah.bench.measure.Profile.Family.REDIS;

import io.howdah.bench.measure.Profile;
import io.howdah.bench.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Redis through Lettuce's asynchronous commands, for callers that need not wait for each answer:
 * either as simple as that is, or in the way that gets most out of Redis.
 */
final class LettuceAsyncTarget implements PipelinedTarget {

  /** Who connects, and when commands are written to the network. */
  enum Style {
    /** One connection for all, each command written at once: {@code connection.async()}. */
    SHARED,
    /** A connection for each thread, commands held back and written together. */
    BATCHED
  }

  private final Style style;
  private final RedisServer server;
  private final int window;
  private final List<StatefulRedisConnection<String, String>> connections = new ArrayList<>();
  private final List<LettucePipe> pipes = new ArrayList<>();
  private @Nullable RedisClient client;

  LettuceAsyncTarget(Style style, RedisServer server, int window) {
    this.style = style;
    this.server = server;
    this.window = window;
  }

  @Override
  public Profile profile() {
    String name = style == Style.SHARED ? "lettuce-async" : "lettuce-pipelined";
    String label = style == Style.SHARED ? "Lettuce async" : "Lettuce pipelined";
    String connections =
        style == Style.SHARED
            ? "one connection shared by all threads, each command written at once"
            : "a connection for each thread, which writes commands together, flushing by hand";
    return new Profile(
        name,
        "Redis, %s ×%d".formatted(label, window),
        "Redis %s; Lettuce's asynchronous commands, %d in flight for each thread, %s, %s"
            .formatted(
                server.persistence().description(), window, connections, LettuceTarget.transport()),
        REDIS,
        server.persistence().durability());
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public void open(int threads) {
    RedisClient opened = RedisClient.create(RedisURI.create(server.host(), server.port()));
    client = opened;
    int count = style == Style.SHARED ? 1 : threads;
    for (int i = 0; i < count; i++) {
      StatefulRedisConnection<String, String> connection = opened.connect();
      connections.add(connection);
      pipes.add(new LettucePipe(connection, style == Style.BATCHED));
    }
  }

  @Override
  public void load(Dataset dataset, LoadWatch watch) {
    try (StatefulRedisConnection<String, String> connection = client().connect()) {
      RedisLoading.load(connection, dataset, watch);
    }
  }

  @Override
  public Pipe pipe(int thread) {
    return pipes.get(style == Style.SHARED ? 0 : thread);
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
    pipes.clear();
    connections.forEach(StatefulRedisConnection::close);
    connections.clear();
    if (client != null) {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(5));
      client = null;
    }
  }
}
