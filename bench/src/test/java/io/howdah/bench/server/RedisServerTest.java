package io.howdah.bench.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.bench.server.RedisServer.Persistence;
import io.howdah.testing.Programs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RedisServerTest {

  @TempDir Path folder;

  @Test
  void aRewriteOfTheLogIsOverWhenItHasBeenAwaited() throws Exception {
    Path executable = Programs.require("redis-server");
    try (WorkFolder work = WorkFolder.under(folder)) {
      RedisServer server = RedisServer.start(executable, Persistence.ALWAYS, work);
      RedisClient client = RedisClient.create(RedisURI.create(server.host(), server.port()));
      try {
        RedisCommands<String, String> commands = client.connect().sync();
        Map<String, String> entries = new HashMap<>();
        for (int i = 0; i < 50_000; i++) {
          entries.put("key" + i, "x".repeat(100));
        }
        commands.mset(entries);
        commands.bgrewriteaof();

        server.awaitRewrite();

        assertThat(commands.info("persistence"))
            .contains("aof_rewrite_in_progress:0", "aof_rewrites:1");
      } finally {
        client.shutdown();
      }
    }
  }
}
