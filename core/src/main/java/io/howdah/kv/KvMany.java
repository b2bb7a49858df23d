package io.howdah.kv;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls on many keys of one namespace, each a statement of its own over arrays, in one transaction.
 */
final class KvMany {
  /** How many keys a statement has at most. */
  static final int MOST_KEYS = 1_000;

  /** About how many bytes of values a statement has at most. */
  static final int MOST_BYTES = 4 << 20;

  /** Calls on distinct keys; the answer is by their position. */
  record Many(String namespace, List<KvArguments> calls) {
    List<KvKey> keys() {
      return calls.stream().map(KvArguments::key).toList();
    }
  }

  static final Operation<Many, @Nullable Stored[]> GET =
      new Operation<>() {
        @Override
        public String name() {
          return "kv_get_many";
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
          return "SELECT * FROM ${schema}.kv_batch_get(?, ?, ?)";
        }

        @Override
        public void bind(Many args, SqlArguments to) throws SQLException {
          KvBatch.keys(args.calls(), to)
              .int4(
                  args.calls().size() == 1 ? Integer.MAX_VALUE : MOST_BYTES / args.calls().size());
        }

        @Override
        public Collection<KvKey> orderKeys(Many args) {
          return args.keys();
        }

        // A value that is too large for a page comes as Stored.TOO_LARGE.
        @Override
        public @Nullable Stored[] read(Many args, SqlRows rows) throws SQLException {
          @Nullable Stored[] values = new Stored[args.calls().size()];
          while (rows.next()) {
            String json = rows.text(2);
            byte[] bytes = json == null ? rows.bytes(3) : null;
            values[(int) rows.int8(1) - 1] =
                json == null && bytes == null
                    ? Stored.TOO_LARGE
                    : new Stored(json, bytes, rows.int8(4));
          }
          return values;
        }
      };

  static final Operation<Many, Long> SET =
      new CountingWrite(
          "kv_set_many",
          "(SELECT count(*) FROM ${schema}.kv_batch_set(?, ?, ?, ?, ?, 1, NULL, false))") {
        @Override
        public void bind(Many args, SqlArguments to) throws SQLException {
          KvBatch.values(args.calls(), KvBatch.keys(args.calls(), to));
          KvBatch.ttls(args.calls(), to);
        }
      };

  static final Operation<Many, Long> DELETE =
      new CountingWrite(
          "kv_delete_many",
          "(SELECT count(*) FROM ${schema}.kv_batch_delete(?, ?, NULL, NULL, false))") {
        @Override
        public void bind(Many args, SqlArguments to) throws SQLException {
          KvBatch.keys(args.calls(), to);
        }
      };

  private KvMany() {}

  private abstract static class CountingWrite implements Operation<Many, Long> {
    private final String name;
    private final String sql;

    CountingWrite(String name, String sql) {
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

    @Override
    public Long read(Many args, SqlRows rows) throws SQLException {
      return rows.int8(1);
    }

    @Override
    public String namespace(Many args) {
      return args.namespace();
    }

    @Override
    public Collection<KvKey> orderKeys(Many args) {
      return args.keys();
    }
  }
}
