package io.howdah.bench.kv;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lettuce's asynchronous commands, on a connection that is shared or that is flushed by hand. */
final class LettucePipe implements PipelinedTarget.Pipe {

  private final StatefulRedisConnection<String, String> connection;
  private final RedisAsyncCommands<String, String> commands;
  private final boolean flushedByHand;

  LettucePipe(StatefulRedisConnection<String, String> connection, boolean flushedByHand) {
    this.connection = connection;
    this.commands = connection.async();
    this.flushedByHand = flushedByHand;
    connection.setAutoFlushCommands(!flushedByHand);
  }

  @Override
  public CompletionStage<? extends @Nullable String> get(String key) {
    return commands.get(key);
  }

  @Override
  public CompletionStage<?> set(String key, String value) {
    return commands.set(key, value);
  }

  @Override
  public void flush() {
    if (flushedByHand) {
      connection.flushCommands();
    }
  }
}
