package io.howdah.flag;

import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every statement of flags, on flag.sql. */
record FlagOperation<A, R extends @Nullable Object>(
    String name, boolean isWrite, String sql, Binder<A> binder, Reader<R> reader)
    implements Operation<A, R> {

  /** Binds the arguments. */
  interface Binder<A> {
    void bind(A args, SqlArguments to) throws SQLException;
  }

  /** Reads the answer. */
  interface Reader<R extends @Nullable Object> {
    R read(SqlRows rows) throws SQLException;
  }

  /** A change; deleting has no definition. */
  record Change(String name, String definition, String changedBy, @Nullable String reason) {}

  /** A flag as the database has it. */
  record Row(
      String name,
      String definition,
      long revision,
      Instant createdAt,
      Instant updatedAt,
      String updatedBy) {}

  /**
   * The state that the flags are in, on one snapshot of the database.
   *
   * @param stamp of this state and no other one
   * @param rows all flags; empty as well when the state is the one that was known
   */
  record Loaded(String stamp, long revision, Instant readAt, List<Row> rows) {}

  static final FlagOperation<Change, Long> SET =
      new FlagOperation<>(
          "flag_set",
          true,
          "${schema}.flag_set(?, ?::jsonb, ?, ?)",
          (args, to) ->
              to.text(args.name())
                  .text(args.definition())
                  .text(args.changedBy())
                  .text(args.reason()),
          rows -> rows.int8(1));

  static final FlagOperation<Change, Boolean> DELETE =
      new FlagOperation<>(
          "flag_delete",
          true,
          "${schema}.flag_delete(?, ?, ?)",
          (args, to) -> to.text(args.name()).text(args.changedBy()).text(args.reason()),
          rows -> rows.bool(1));

  private static final String COLUMNS =
      "SELECT f.name, f.definition, f.revision, f.created_at, f.updated_at, f.updated_by FROM ";

  static final FlagOperation<String, List<Row>> LIST =
      new FlagOperation<>(
          "flag_list",
          false,
          COLUMNS + "${schema}.flag_list() AS f",
          (args, to) -> {},
          FlagOperation::rows);

  static final FlagOperation<String, List<Row>> GET =
      new FlagOperation<>(
          "flag_get",
          false,
          COLUMNS + "${schema}.flag_get(?) AS f",
          (name, to) -> to.text(name),
          FlagOperation::rows);

  static final FlagOperation<String, List<FlagChange>> HISTORY =
      new FlagOperation<>(
          "flag_history",
          false,
          "SELECT h.revision, h.changed_at, h.changed_by, h.reason, h.before, h.after FROM ${schema}.flag_history(?) AS h",
          (name, to) -> to.text(name),
          rows -> {
            List<FlagChange> changes = new ArrayList<>();
            while (rows.next()) {
              changes.add(
                  new FlagChange(
                      rows.int8(1),
                      Objects.requireNonNull(rows.instant(2)),
                      Objects.requireNonNull(rows.text(3)),
                      Optional.ofNullable(rows.text(4)),
                      Optional.ofNullable(rows.text(5)),
                      Optional.ofNullable(rows.text(6))));
            }
            return changes;
          });

  /** The argument is the stamp that is known, or empty. */
  static final FlagOperation<String, Loaded> SNAPSHOT =
      new FlagOperation<>(
          "flag_snapshot",
          false,
          "SELECT f.name, f.definition, f.revision, f.created_at, f.updated_at, f.updated_by, f.stamp, f.last_revision,"
              + " f.read_at FROM ${schema}._flag_snapshot(nullif(?, '')::uuid) AS f",
          (stamp, to) -> to.text(stamp),
          FlagOperation::loaded);

  private static List<Row> rows(SqlRows rows) throws SQLException {
    List<Row> found = new ArrayList<>();
    while (rows.next()) {
      found.add(row(rows, Objects.requireNonNull(rows.text(1))));
    }
    return found;
  }

  private static Row row(SqlRows rows, String name) throws SQLException {
    return new Row(
        name,
        Objects.requireNonNull(rows.text(2)),
        rows.int8(3),
        Objects.requireNonNull(rows.instant(4)),
        Objects.requireNonNull(rows.instant(5)),
        Objects.requireNonNull(rows.text(6)));
  }

  private static Loaded loaded(SqlRows rows) throws SQLException {
    List<Row> found = new ArrayList<>();
    String stamp = "";
    long revision = 0;
    Instant readAt = Instant.EPOCH;
    while (rows.next()) {
      stamp = Objects.requireNonNull(rows.text(7));
      revision = rows.int8(8);
      readAt = Objects.requireNonNull(rows.instant(9));
      String name = rows.text(1);
      if (name != null) {
        found.add(row(rows, name));
      }
    }
    return new Loaded(stamp, revision, readAt, found);
  }

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
