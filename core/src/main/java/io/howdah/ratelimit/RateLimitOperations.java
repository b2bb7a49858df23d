package io.howdah.ratelimit;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The statements of rate limits, on ratelimit.sql. */
final class RateLimitOperations {
  private RateLimitOperations() {}

  /** A call on one key. */
  private abstract static class OnKey<A, R extends @Nullable Object> implements Operation<A, R> {
    private final String name;
    private final Function<A, String> key;

    OnKey(String name, Function<A, String> key) {
      this.name = name;
      this.key = key;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean isWrite() {
      return true;
    }

    @Override
    public Object orderKey(A args) {
      return new Take.Row(key.apply(args));
    }

    @Override
    public String busySql() {
      return "SELECT * FROM ${schema}._rate_limit_busy(?)";
    }

    @Override
    public void bindBusy(List<A> calls, SqlArguments to) throws SQLException {
      to.texts(calls.stream().map(key).toArray(String[]::new));
    }
  }

  /** One limit. */
  static final Operation<Take, Grant> TAKE =
      new OnKey<>("rate_limit", Take::key) {
        @Override
        public String sql() {
          return "${schema}._rate_limit_take(?, ?, ?, ?, ?, ?)";
        }

        @Override
        public void bind(Take args, SqlArguments to) throws SQLException {
          RateLimit limit = args.limit();
          to.text(args.key())
              .text(String.valueOf(limit.algorithm().code))
              .int8(limit.maxCalls())
              .int8(args.periodMicros())
              .int8(limit.burst())
              .int8(args.cost());
        }

        @Override
        public Grant read(Take args, SqlRows rows) throws SQLException {
          long[] numbers = rows.int8s(1);
          return new Grant(0, numbers[0], numbers[1], numbers[2], numbers[3]);
        }

        @Override
        public Batch<Take, Grant> batch() {
          return TAKES;
        }
      };

  /** Calls on one key are summed; what is granted goes to the first of them. */
  private static final Batch<Take, Grant> TAKES =
      new Batch<>() {
        @Override
        public String sql(Durability level) {
          return "SELECT * FROM ${schema}._rate_limit_batch(?, ?, ?, ?, ?, ?, ?, ?, ?)";
        }

        @Override
        public Object key(Take args) {
          return args.row();
        }

        @Override
        public int weight(Take args) {
          return 64 + args.key().length();
        }

        @Override
        public @Nullable Take merge(Take earlier, Take later) {
          return earlier.cost() == later.cost() && earlier.limit().equals(later.limit())
              ? new Take(
                  earlier.key(), earlier.limit(), earlier.cost(), earlier.calls() + later.calls())
              : null;
        }

        @Override
        public void bind(List<Take> calls, SqlArguments to) throws SQLException {
          to.texts(texts(calls, Take::key))
              .texts(texts(calls, take -> String.valueOf(take.limit().algorithm().code)))
              .int8s(longs(calls, take -> take.limit().maxCalls()))
              .int8s(longs(calls, Take::periodMicros))
              .int8s(longs(calls, take -> take.limit().burst()))
              .int8s(longs(calls, Take::cost))
              .int8s(longs(calls, Take::calls));
        }

        @Override
        public void read(List<Take> calls, SqlRows rows, Answers<Grant> answers)
            throws SQLException {
          while (rows.next()) {
            answers.byPosition(
                (int) rows.int8(1) - 1,
                new Grant(0, rows.int8(2), rows.int8(3), rows.int8(4), rows.int8(5)));
          }
        }

        @Override
        public Grant share(List<Take> merged, int position, Grant answer) {
          long after = answer.granted() - 1 - position;
          return after < 0
              ? new Grant(0, 0, answer.remaining(), answer.retryMicros(), answer.resetMicros())
              : new Grant(
                  0,
                  1,
                  answer.remaining() + after * merged.get(position).cost(),
                  0,
                  answer.resetMicros());
        }
      };

  /** Several limits, all or none. */
  static final Operation<List<Take>, Grant> TAKE_ALL =
      new OnKey<>("rate_limit_many", (List<Take> takes) -> takes.get(0).key()) {
        @Override
        public String sql() {
          return "${schema}._rate_limit_all(?, ?, ?, ?, ?, ?)";
        }

        @Override
        public void bind(List<Take> args, SqlArguments to) throws SQLException {
          to.texts(texts(args, Take::key))
              .texts(texts(args, take -> String.valueOf(take.limit().algorithm().code)))
              .int8s(longs(args, take -> take.limit().maxCalls()))
              .int8s(longs(args, Take::periodMicros))
              .int8s(longs(args, take -> take.limit().burst()))
              .int8(args.get(0).cost());
        }

        @Override
        public Grant read(List<Take> args, SqlRows rows) throws SQLException {
          long[] numbers = rows.int8s(1);
          return new Grant((int) numbers[0] - 1, numbers[1], numbers[2], numbers[3], numbers[4]);
        }
      };

  /** How a key stands; null when nothing is counted. */
  static final Operation<String, @Nullable Grant> PEEK =
      new Operation<>() {
        @Override
        public String name() {
          return "rate_limit_peek";
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
          return "SELECT p.allowed::int, p.remaining, (extract(epoch FROM p.retry_after) * 1000000)::bigint,"
              + " (extract(epoch FROM p.reset_after) * 1000000)::bigint FROM ${schema}.rate_limit_peek(?) AS p";
        }

        @Override
        public void bind(String key, SqlArguments to) throws SQLException {
          to.text(key);
        }

        @Override
        public @Nullable Grant read(String key, SqlRows rows) throws SQLException {
          return rows.next()
              ? new Grant(0, rows.int8(1), rows.int8(2), rows.int8(3), rows.int8(4))
              : null;
        }

        @Override
        public Object orderKey(String key) {
          return new Take.Row(key);
        }
      };

  static final Operation<Take, Boolean> REFUND =
      new OnKey<>("rate_limit_refund", Take::key) {
        @Override
        public String sql() {
          return "${schema}.rate_limit_refund(?, ?)";
        }

        @Override
        public void bind(Take args, SqlArguments to) throws SQLException {
          to.text(args.key()).int8(args.cost());
        }

        @Override
        public Boolean read(Take args, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }
      };

  static final Operation<String, Boolean> RESET =
      new OnKey<>("rate_limit_reset", (String key) -> key) {
        @Override
        public String sql() {
          return "${schema}.rate_limit_reset(?)";
        }

        @Override
        public void bind(String key, SqlArguments to) throws SQLException {
          to.text(key);
        }

        @Override
        public Boolean read(String key, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }
      };

  private static String[] texts(List<Take> calls, Function<Take, String> get) {
    return calls.stream().map(get).toArray(String[]::new);
  }

  private static Long[] longs(List<Take> calls, ToLongFunction<Take> get) {
    return calls.stream().mapToLong(get).boxed().toArray(Long[]::new);
  }
}
