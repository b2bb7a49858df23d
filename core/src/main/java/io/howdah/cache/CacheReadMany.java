package io.howdah.cache;

import io.howdah.cache.CacheOperations.Keys;
import io.howdah.engine.JoinedTexts;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads several entries for one caller: those that are there, by key; an empty one is too large to
 * come with others.
 */
final class CacheReadMany implements Operation<Keys, Map<String, Optional<Found>>> {
  static final CacheReadMany READ = new CacheReadMany();

  /** About how much an answer may bring. */
  private static final int ANSWER_BYTES = 16 << 20;

  private CacheReadMany() {}

  @Override
  public String name() {
    return "cache_get_many";
  }

  @Override
  public boolean isWrite() {
    return false;
  }

  @Override
  public boolean isQuery() {
    return true;
  }

  @Override
  public String sql() {
    return "SELECT * FROM ${schema}._cache_batch_read(?, ?, ?, ?, ?)";
  }

  @Override
  public void bind(Keys args, SqlArguments to) throws SQLException {
    JoinedTexts.bind(args.keys(), key -> args.cache(), key -> key, to);
    to.int4(ANSWER_BYTES / args.keys().size()).bool(false);
  }

  @Override
  public Map<String, Optional<Found>> read(Keys args, SqlRows rows) throws SQLException {
    Map<String, Optional<Found>> read = new HashMap<>();
    while (rows.next()) {
      read.put(
          args.keys().get((int) rows.int8(1) - 1), Optional.ofNullable(CacheRead.found(rows, 2)));
    }
    return read;
  }
}
