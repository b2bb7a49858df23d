package io.howdah.token;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Every call on tokens: the SQL function that it is. <code>${own}</code> in the SQL tells it
 * whether the transaction is the engine's own.
 */
record TokenOperation<A, R extends @Nullable Object>(
    String name, boolean isWrite, String sqlOf, Binder<A> binder, Reader<R> reader)
    implements Operation<A, R> {

  /** Binds the arguments. */
  interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer, one value. */
  interface Reader<R extends @Nullable Object> {
    R read(SqlRows rows) throws SQLException;
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Issue(byte[] hash, String purpose, String subject, long ttlMicros, String payload) {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Use(String purpose, byte[] hash) {}

  record Subject(String purpose, String subject) {}

  /** What a token was issued for. */
  record Found(String subject, String payload) {}

  static final TokenOperation<Issue, Instant> ISSUE =
      new TokenOperation<>(
          "token_issue",
          true,
          "${schema}._token_issue(?, ?, ?, ?::interval, ?::jsonb, ${own})",
          (args, to) ->
              to.bytes(args.hash())
                  .text(args.purpose())
                  .text(args.subject())
                  .interval(args.ttlMicros())
                  .text(args.payload()),
          rows -> Objects.requireNonNull(rows.instant(1)));

  static final TokenOperation<Use, @Nullable Found> PEEK = use("token_peek", false);

  static final TokenOperation<Use, @Nullable Found> CONSUME = use("token_consume", true);

  static final TokenOperation<Subject, Integer> REVOKE =
      new TokenOperation<>(
          "token_revoke",
          true,
          "${schema}.token_revoke(?, ?)",
          (args, to) -> to.text(args.purpose()).text(args.subject()),
          rows -> (int) rows.int8(1));

  /** The payload, and behind a line feed, which jsonb has none of, the subject. */
  private static TokenOperation<Use, @Nullable Found> use(String name, boolean isWrite) {
    return new TokenOperation<>(
        name,
        isWrite,
        "(SELECT t.payload::text || chr(10) || t.subject FROM ${schema}._" + name + "(?, ?) AS t)",
        (args, to) -> to.text(args.purpose()).bytes(args.hash()),
        rows -> found(rows.text(1)));
  }

  private static @Nullable Found found(@Nullable String text) {
    if (text == null) {
      return null;
    }
    int end = text.indexOf('\n');
    return new Found(text.substring(end + 1), text.substring(0, end));
  }

  @Override
  public String sql() {
    return sqlOf.replace("${own}", "false");
  }

  @Override
  public String ownSql() {
    return sqlOf.replace("${own}", "true");
  }

  @Override
  public void bind(A args, SqlArguments to) throws SQLException {
    binder.bind(args, to);
  }

  @Override
  public R read(A args, SqlRows rows) throws SQLException {
    return reader.read(rows);
  }
}
