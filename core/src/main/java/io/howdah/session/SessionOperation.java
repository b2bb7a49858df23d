package io.howdah.session;

import io.howdah.Durability;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call on sessions. Its SQL says <code>${own}</code> where a function is told whether the
 * transaction is the engine's own.
 */
final class SessionOperation<A, R extends @Nullable Object> implements Operation<A, R> {
  /** Binds the arguments of a single call. */
  interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer of a single call. */
  interface Reader<R extends @Nullable Object> {
    R read(SqlRows rows) throws SQLException;
  }

  private final String name;
  private final boolean isWrite;
  private final String sql;
  private final Function<A, @Nullable TokenHash> key;
  private final Binder<A> binder;
  private final Reader<R> reader;

  private SessionOperation(
      String name,
      boolean isWrite,
      String sql,
      Function<A, @Nullable TokenHash> key,
      Binder<A> binder,
      Reader<R> reader) {
    this.name = name;
    this.isWrite = isWrite;
    this.sql = sql;
    this.key = key;
    this.binder = binder;
    this.reader = reader;
  }

  /** A query of its own. */
  static <A, R extends @Nullable Object> SessionOperation<A, R> query(
      String name, String sql, Binder<A> binder, Reader<R> reader) {
    return new SessionOperation<>(name, false, sql, args -> null, binder, reader);
  }

  /** A write that takes effect in the order of the calls on its session. */
  static <A, R extends @Nullable Object> SessionOperation<A, R> write(
      String name,
      String sql,
      Function<A, @Nullable TokenHash> key,
      Binder<A> binder,
      Reader<R> reader) {
    return new SessionOperation<>(name, true, sql, key, binder, reader);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isWrite() {
    return isWrite;
  }

  @Override
  public boolean isQuery() {
    return !isWrite;
  }

  @Override
  public String sql() {
    return sql.replace("${own}", "false");
  }

  @Override
  public String ownSql() {
    return sql.replace("${own}", "true");
  }

  /** All sessions are of one; the functions look which. */
  @Override
  public Durability level(A args, Levels levels) {
    return Durability.DURABLE;
  }

  @Override
  public void bind(A args, SqlArguments to) throws SQLException {
    binder.bind(args, to);
  }

  @Override
  public R read(A args, SqlRows rows) throws SQLException {
    return reader.read(rows);
  }

  @Override
  public @Nullable Object orderKey(A args) {
    return key.apply(args);
  }
}
