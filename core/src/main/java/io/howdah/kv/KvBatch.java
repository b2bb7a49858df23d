package io.howdah.kv;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the batches of calls on one key have in common: the arrays, and the question which rows are
 * held by others.
 */
abstract class KvBatch<R extends @Nullable Object> implements Batch<KvArguments, R> {
  private final String sql;

  KvBatch(String sql) {
    this.sql = sql;
  }

  @Override
  public String sql(Durability level) {
    return sql;
  }

  @Override
  public final Object key(KvArguments args) {
    return args.key();
  }

  @Override
  public final int weight(KvArguments args) {
    return args.weight();
  }

  @CanIgnoreReturnValue
  static SqlArguments keys(List<KvArguments> calls, SqlArguments to) throws SQLException {
    String[] namespaces = new String[calls.size()];
    String[] keys = new String[calls.size()];
    for (int i = 0; i < keys.length; i++) {
      KvKey key = calls.get(i).key();
      namespaces[i] = key.namespace();
      keys[i] = key.key();
    }
    return to.texts(namespaces).texts(keys);
  }

  /** Both value columns; one that is all NULL goes as NULL. */
  @CanIgnoreReturnValue
  static SqlArguments values(List<KvArguments> calls, SqlArguments to) throws SQLException {
    @Nullable String @Nullable [] jsons =
        column(calls, KvArguments::json, new String[calls.size()]);
    byte @Nullable [] @Nullable [] blobs =
        column(calls, KvArguments::bytes, new byte[calls.size()][]);
    return to.texts(jsons).blobs(blobs);
  }

  @CanIgnoreReturnValue
  static SqlArguments ttls(List<KvArguments> calls, SqlArguments to) throws SQLException {
    return to.intervals(column(calls, KvArguments::ttlMicros, new Long[calls.size()]));
  }

  @CanIgnoreReturnValue
  static SqlArguments numbers(List<KvArguments> calls, SqlArguments to) throws SQLException {
    return to.int8s(column(calls, KvArguments::number, new Long[calls.size()]));
  }

  private static <T> @Nullable T @Nullable [] column(
      List<KvArguments> calls, Function<KvArguments, @Nullable T> get, @Nullable T[] into) {
    boolean any = false;
    for (int i = 0; i < into.length; i++) {
      into[i] = get.apply(calls.get(i));
      any |= into[i] != null;
    }
    return any ? into : null;
  }

  static KvKey keyOf(SqlRows rows) throws SQLException {
    return new KvKey(Objects.requireNonNull(rows.text(1)), Objects.requireNonNull(rows.text(2)));
  }
}
