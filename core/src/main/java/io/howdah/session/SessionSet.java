package io.howdah.session;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import io.howdah.session.SessionOperations.Change;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/** Sets and removes attributes of a session. */
final class SessionSet implements Operation<Change, Boolean> {
  private static final Batch<Change, Boolean> BATCH = new SetBatch();

  @Override
  public String name() {
    return "session_set";
  }

  @Override
  public boolean isWrite() {
    return true;
  }

  @Override
  public String sql() {
    return "${schema}._session_set(?, ?::jsonb, false)";
  }

  @Override
  public String ownSql() {
    return "${schema}._session_set(?, ?::jsonb, true)";
  }

  @Override
  public Durability level(Change args, Levels levels) {
    return Durability.DURABLE;
  }

  /** A single call has one patch. */
  @Override
  public void bind(Change args, SqlArguments to) throws SQLException {
    to.bytes(args.hash().bytes()).text(args.patches().get(0));
  }

  @Override
  public Boolean read(Change args, SqlRows rows) throws SQLException {
    return rows.bool(1);
  }

  @Override
  public Object orderKey(Change args) {
    return args.hash();
  }

  @Override
  public String busySql() {
    return "SELECT * FROM ${schema}._session_batch_busy(?)";
  }

  @Override
  public void bindBusy(List<Change> calls, SqlArguments to) throws SQLException {
    to.blobs(hashes(calls));
  }

  @Override
  public Batch<Change, Boolean> batch() {
    return BATCH;
  }

  private static byte[][] hashes(List<Change> calls) {
    return calls.stream().map(change -> change.hash().bytes()).toArray(byte[][]::new);
  }

  /** Changes of one session are one update, in which each has its turn. */
  private static final class SetBatch implements Batch<Change, Boolean> {
    @Override
    public String sql(Durability level) {
      return "SELECT * FROM ${schema}._session_batch_set(?, ?, ?, ?)";
    }

    @Override
    public Object key(Change args) {
      return args.hash();
    }

    @Override
    public int weight(Change args) {
      return 64 + args.patches().get(0).length();
    }

    @Override
    public Change merge(Change earlier, Change later) {
      return new Change(
          earlier.hash(),
          Stream.concat(earlier.patches().stream(), later.patches().stream()).toList());
    }

    @Override
    public void bind(List<Change> calls, SqlArguments to) throws SQLException {
      to.blobs(hashes(calls)).texts(calls.stream().map(SetBatch::patch).toArray(String[]::new));
    }

    /** A single one as it is: most are. */
    private static String patch(Change change) {
      List<String> patches = change.patches();
      return patches.size() == 1 ? patches.get(0) : "[" + String.join(",", patches) + "]";
    }

    @Override
    public void read(List<Change> calls, SqlRows rows, Answers<Boolean> answers)
        throws SQLException {
      while (rows.next()) {
        answers.byPosition((int) rows.int8(1) - 1, true);
      }
      answers.others(false);
    }
  }
}
