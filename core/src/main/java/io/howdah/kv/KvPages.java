package io.howdah.kv;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Calls on a part of a namespace: pages and counts. Each is a statement of its own. */
final class KvPages {
  /**
   * @param filter the prefix of the keys, or the JSON that values contain
   */
  record Page(String namespace, String filter, String after, int maxRows) {}

  record Row(String key, Stored stored, @Nullable Instant expiresAt) {}

  static final Operation<Page, List<Row>> SCAN =
      new PageQuery("kv_scan", "SELECT * FROM ${schema}._kv_scan(?, ?, ?, ?)");

  static final Operation<Page, List<Row>> FIND =
      new PageQuery("kv_find", "SELECT * FROM ${schema}._kv_find(?, ?::jsonb, ?, ?)");

  static final Operation<Page, Long> COUNT =
      new Operation<>() {
        @Override
        public String name() {
          return "kv_count";
        }

        @Override
        public boolean isWrite() {
          return false;
        }

        @Override
        public String sql() {
          return "${schema}.kv_count(?, ?)";
        }

        @Override
        public void bind(Page args, SqlArguments to) throws SQLException {
          to.text(args.namespace()).text(args.filter());
        }

        @Override
        public Long read(Page args, SqlRows rows) throws SQLException {
          return rows.int8(1);
        }
      };

  private KvPages() {}

  private record PageQuery(String name, String sql) implements Operation<Page, List<Row>> {
    @Override
    public boolean isWrite() {
      return false;
    }

    @Override
    public boolean isQuery() {
      return true;
    }

    @Override
    public void bind(Page args, SqlArguments to) throws SQLException {
      to.text(args.namespace()).text(args.filter()).text(args.after()).int4(args.maxRows());
    }

    @Override
    public List<Row> read(Page args, SqlRows rows) throws SQLException {
      List<Row> page = new ArrayList<>();
      while (rows.next()) {
        String json = rows.text(2);
        page.add(
            new Row(
                Objects.requireNonNull(rows.text(1)),
                new Stored(json, json == null ? rows.bytes(3) : null, rows.int8(4)),
                rows.instant(5)));
      }
      return page;
    }
  }
}
