package io.howdah.bench.kv;

import io.lettuce.core.api.StatefulRedisConnection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fills a Redis server, the same way for every client that is measured on it. */
final class RedisLoading {

  private static final int KEYS_PER_COMMAND = 1_000;

  private RedisLoading() {}

  static void load(
      StatefulRedisConnection<String, String> connection, Dataset dataset, LoadWatch watch) {
    for (Dataset.Range range : dataset.ranges(KEYS_PER_COMMAND)) {
      Map<String, String> entries = new LinkedHashMap<>();
      for (int i = range.from(); i < range.to(); i++) {
        entries.put(dataset.key(i), dataset.value(i, 0));
      }
      connection.sync().mset(entries);
      watch.loaded(range.to());
    }
  }
}
