package io.howdah.lock;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The statements of locks, on lock.sql. */
final class LockOperations {
  private LockOperations() {}

  /** What a statement is about; a token of 0 is none. */
  record Args(String name, String owner, long token, long ttlMicros) {}

  private abstract static class Write<R extends @Nullable Object> implements Operation<Args, R> {
    private final String name;
    private final String sql;

    Write(String name, String sql) {
      this.name = name;
      this.sql = sql;
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
    public String sql() {
      return sql;
    }
  }

  /** The fencing token; null when somebody has it. */
  static final Operation<Args, @Nullable Long> ACQUIRE =
      new Write<>("lock_acquire", "${schema}.lock_acquire(?, ?, ?::interval)") {
        @Override
        public boolean isKept() {
          return true;
        }

        @Override
        public void bind(Args args, SqlArguments to) throws SQLException {
          to.text(args.name()).text(args.owner()).interval(args.ttlMicros());
        }

        @Override
        public @Nullable Long read(Args args, SqlRows rows) throws SQLException {
          return rows.int8OrNull(1);
        }
      };

  static final Operation<Args, Boolean> RENEW =
      new Write<>("lock_renew", "${schema}.lock_renew(?, ?, ?::interval)") {
        @Override
        public void bind(Args args, SqlArguments to) throws SQLException {
          to.text(args.name()).int8(args.token()).interval(args.ttlMicros());
        }

        @Override
        public Boolean read(Args args, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }
      };

  static final Operation<Args, Boolean> RELEASE =
      new Write<>("lock_release", "${schema}.lock_release(?, ?)") {
        @Override
        public void bind(Args args, SqlArguments to) throws SQLException {
          to.text(args.name()).int8(args.token());
        }

        @Override
        public Boolean read(Args args, SqlRows rows) throws SQLException {
          return rows.bool(1);
        }
      };

  static final Operation<String, List<LockInfo>> LIST =
      new Operation<>() {
        @Override
        public String name() {
          return "lock_list";
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
          return "SELECT l.name, l.owner, l.token, l.acquired_at, l.expires_at FROM ${schema}.lock_list() AS l";
        }

        @Override
        public void bind(String args, SqlArguments to) {}

        @Override
        public List<LockInfo> read(String args, SqlRows rows) throws SQLException {
          List<LockInfo> locks = new ArrayList<>();
          while (rows.next()) {
            locks.add(
                new LockInfo(
                    Objects.requireNonNull(rows.text(1)),
                    Objects.requireNonNull(rows.text(2)),
                    rows.int8(3),
                    Objects.requireNonNull(rows.instant(4)),
                    Objects.requireNonNull(rows.instant(5))));
          }
          return locks;
        }
      };
}
