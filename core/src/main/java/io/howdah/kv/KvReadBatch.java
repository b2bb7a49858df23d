package io.howdah.kv;

import io.howdah.Durability;
import io.howdah.engine.JoinedTexts;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How reads share a statement. Reads of one key are one read. */
abstract class KvReadBatch<T> extends KvBatch<@Nullable T> {
  /** About how much an answer may bring; a larger value comes alone. */
  private static final int ANSWER_BYTES = 4 << 20;

  static final KvReadBatch<Stored> VALUES =
      new KvReadBatch<>("SELECT * FROM ${schema}._${table}_quick_batch_get(?, ?, ?, ?)") {
        @Override
        @Nullable Stored present(SqlRows rows) throws SQLException {
          String json = rows.text(2);
          Stored stored = new Stored(json, json == null ? rows.bytes(3) : null, rows.int8(4));
          return stored.isTooLarge() ? null : stored;
        }
      };

  static final KvReadBatch<StoredEntry> ENTRIES =
      new KvReadBatch<>(
          "SELECT e.ordinal, "
              + StoredEntry.COLUMNS
              + " FROM ${schema}._${table}_quick_batch_get_entry(?, ?, ?, ?) AS e") {
        @Override
        @Nullable StoredEntry present(SqlRows rows) throws SQLException {
          StoredEntry entry = StoredEntry.ofRow(rows, 2);
          return entry.stored().isTooLarge() ? null : entry;
        }
      };

  private KvReadBatch(String sql) {
    super(sql);
  }

  /**
   * What the row has, behind the ordinal; null for a value that is too large to come with others.
   */
  abstract @Nullable T present(SqlRows rows) throws SQLException;

  @Override
  public String sql(Durability level) {
    return super.sql(level).replace("${table}", KvTables.of(level));
  }

  @Override
  public KvArguments merge(KvArguments earlier, KvArguments later) {
    return earlier;
  }

  @Override
  public void bind(List<KvArguments> calls, SqlArguments to) throws SQLException {
    JoinedTexts.bind(calls, call -> call.key().namespace(), call -> call.key().key(), to);
    to.int4(ANSWER_BYTES / calls.size());
  }

  /** A call whose value is too large has no answer, and so is made again, singly. */
  @Override
  public void read(List<KvArguments> calls, SqlRows rows, Answers<@Nullable T> answers)
      throws SQLException {
    boolean[] present = new boolean[calls.size()];
    while (rows.next()) {
      int position = (int) rows.int8(1) - 1;
      present[position] = true;
      T answer = present(rows);
      if (answer != null) {
        answers.byPosition(position, answer);
      }
    }
    for (int i = 0; i < present.length; i++) {
      if (!present[i]) {
        answers.byPosition(i, null);
      }
    }
  }
}
