package io.howdah.kv;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call on one key. */
record KvOperation<R extends @Nullable Object>(
    String name,
    boolean isWrite,
    boolean isQuery,
    String sql,
    @Nullable String quickSql,
    Binder binder,
    Reader<R> reader,
    @Nullable Batch<KvArguments, R> batch)
    implements Operation<KvArguments, R> {

  /** Binds the arguments of a single call. */
  interface Binder {
    void bind(KvArguments args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer of a single call. */
  interface Reader<R extends @Nullable Object> {
    R read(SqlRows rows) throws SQLException;
  }

  static <R extends @Nullable Object> KvOperation<R> read(
      String name, String sql, Reader<R> reader) {
    return new KvOperation<>(
        name, false, false, sql, null, (args, to) -> key(args, to), reader, null);
  }

  static <R extends @Nullable Object> KvOperation<R> query(
      String name,
      String sql,
      @Nullable String quickSql,
      Reader<R> reader,
      @Nullable Batch<KvArguments, R> batch) {
    return new KvOperation<>(
        name, false, true, sql, quickSql, (args, to) -> key(args, to), reader, batch);
  }

  static <R extends @Nullable Object> KvOperation<R> write(
      String name,
      String sql,
      Binder binder,
      Reader<R> reader,
      @Nullable Batch<KvArguments, R> batch) {
    return new KvOperation<>(name, true, false, sql, null, binder, reader, batch);
  }

  /**
   * A write that is quicker where the namespace is believed to be ephemeral. Where it is not, the
   * quick form goes the whole way too.
   */
  static <R extends @Nullable Object> KvOperation<R> write(
      String name,
      String sql,
      String quickSql,
      Binder binder,
      Reader<R> reader,
      @Nullable Batch<KvArguments, R> batch) {
    return new KvOperation<>(name, true, false, sql, quickSql, binder, reader, batch);
  }

  @CanIgnoreReturnValue
  static SqlArguments key(KvArguments args, SqlArguments to) throws SQLException {
    return to.text(args.key().namespace()).text(args.key().key());
  }

  @Override
  public String quickSql(Durability level) {
    return quickSql == null || (isWrite && level != Durability.EPHEMERAL)
        ? sql
        : quickSql.replace("${table}", KvTables.of(level));
  }

  @Override
  public boolean isInDoubt(R answer) {
    return !isWrite && quickSql != null && answer == null;
  }

  @Override
  public void bind(KvArguments args, SqlArguments to) throws SQLException {
    binder.bind(args, to);
  }

  @Override
  public R read(KvArguments args, SqlRows rows) throws SQLException {
    return reader.read(rows);
  }

  @Override
  public String namespace(KvArguments args) {
    return args.key().namespace();
  }

  @Override
  public Object orderKey(KvArguments args) {
    return args.key();
  }

  @Override
  public @Nullable String busySql() {
    return isWrite ? "SELECT * FROM ${schema}.kv_batch_busy(?, ?)" : null;
  }

  @Override
  public void bindBusy(List<KvArguments> calls, SqlArguments to) throws SQLException {
    KvBatch.keys(calls, to);
  }
}
