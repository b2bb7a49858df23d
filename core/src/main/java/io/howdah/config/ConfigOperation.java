package io.howdah.config;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every statement of configuration values, on config.sql. */
record ConfigOperation<A, R>(
    String name, boolean isWrite, String sql, Binder<A> binder, Reader<R> reader)
    implements Operation<A, R> {

  /** Binds the arguments. */
  interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer. */
  interface Reader<R> {
    R read(SqlRows rows) throws SQLException;
  }

  /** A change; taking away has no value. */
  record Change(
      String namespace, String key, String json, String changedBy, @Nullable String reason) {}

  record Place(String namespace, String key) {}

  record Page(String namespace, String after, int maxRows) {}

  /** A value as it is stored. */
  record Row(String json, long version) {}

  static final ConfigOperation<Change, Long> SET =
      new ConfigOperation<>(
          "config_set",
          true,
          "${schema}.config_set(?, ?, ?::jsonb, ?, ?)",
          (args, to) ->
              to.text(args.namespace())
                  .text(args.key())
                  .text(args.json())
                  .text(args.changedBy())
                  .text(args.reason()),
          rows -> rows.int8(1));

  static final ConfigOperation<Change, Boolean> UNSET =
      new ConfigOperation<>(
          "config_unset",
          true,
          "${schema}.config_unset(?, ?, ?, ?)",
          (args, to) ->
              to.text(args.namespace()).text(args.key()).text(args.changedBy()).text(args.reason()),
          rows -> rows.bool(1));

  static final ConfigOperation<String, Map<String, Row>> LIST =
      new ConfigOperation<>(
          "config_list",
          false,
          "SELECT c.key, c.value, c.version FROM ${schema}.config_list(?) AS c",
          (namespace, to) -> to.text(namespace),
          rows -> {
            Map<String, Row> values = new HashMap<>();
            while (rows.next()) {
              String json = Objects.requireNonNull(rows.text(2));
              values.put(Objects.requireNonNull(rows.text(1)), new Row(json, rows.int8(3)));
            }
            return values;
          });

  /** In the order of bytes, and only for these rows the history is asked who wrote them. */
  static final ConfigOperation<Page, List<ConfigEntry>> PAGE =
      new ConfigOperation<>(
          "config_list",
          false,
          withHistory("WHERE l.key COLLATE \"C\" > ? ORDER BY l.key COLLATE \"C\" LIMIT ?"),
          (args, to) ->
              to.text(args.namespace())
                  .text(args.after())
                  .int4(args.maxRows())
                  .text(args.namespace()),
          ConfigOperation::entries);

  static final ConfigOperation<Place, Optional<ConfigEntry>> GET =
      new ConfigOperation<>(
          "config_get",
          false,
          withHistory("WHERE l.key COLLATE \"C\" = ?"),
          (args, to) -> to.text(args.namespace()).text(args.key()).text(args.namespace()),
          rows -> entries(rows).stream().findFirst());

  /**
   * With who wrote it last: the last change, unless the value has become another one since, by
   * kv_set.
   */
  private static String withHistory(String rows) {
    return "SELECT c.key, c.value, c.version, c.updated_at, h.changed_by, h.reason"
        + " FROM (SELECT l.key, l.value, l.version, l.updated_at FROM ${schema}.config_list(?) AS l "
        + rows
        + ") AS c LEFT JOIN LATERAL ${schema}.config_history(?, c.key, 1) AS h ON h.after = c.value"
        + " ORDER BY c.key COLLATE \"C\"";
  }

  private static List<ConfigEntry> entries(SqlRows rows) throws SQLException {
    List<ConfigEntry> entries = new ArrayList<>();
    while (rows.next()) {
      entries.add(
          new ConfigEntry(
              Objects.requireNonNull(rows.text(1)),
              Objects.requireNonNull(rows.text(2)),
              rows.int8(3),
              Objects.requireNonNull(rows.instant(4)),
              Optional.ofNullable(rows.text(5)),
              Optional.ofNullable(rows.text(6))));
    }
    return entries;
  }

  static final ConfigOperation<Place, List<ConfigChange>> HISTORY =
      new ConfigOperation<>(
          "config_history",
          false,
          "SELECT h.revision, h.changed_at, h.changed_by, h.reason, h.before, h.after"
              + " FROM ${schema}.config_history(?, ?, 1000) AS h",
          (args, to) -> to.text(args.namespace()).text(args.key()),
          rows -> {
            List<ConfigChange> changes = new ArrayList<>();
            while (rows.next()) {
              changes.add(
                  new ConfigChange(
                      rows.int8(1),
                      Objects.requireNonNull(rows.instant(2)),
                      Objects.requireNonNull(rows.text(3)),
                      Optional.ofNullable(rows.text(4)),
                      Optional.ofNullable(rows.text(5)),
                      Optional.ofNullable(rows.text(6))));
            }
            return changes;
          });

  @Override
  public boolean isQuery() {
    return !isWrite;
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
