package io.howdah.session;

import io.howdah.Durability;
import io.howdah.engine.Batch;
import io.howdah.engine.Levels;
import io.howdah.engine.Operation;
import io.howdah.engine.SqlArguments;
import io.howdah.engine.SqlRows;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a session by its token; when it touches, it also notes that the session is being used,
 * where that is due.
 *
 * <p>A touch is a read to the engine: it may be repeated, and waits for nobody's row. An idle lane
 * sends it as a plain read. What is due, or not found, is asked for again, by the function that
 * touches and knows all places; that is once in each touch interval.
 */
final class SessionRead implements Operation<TokenHash, @Nullable SessionRow> {
  private final boolean touches;
  private final SessionPlace place;
  private final Batch<TokenHash, @Nullable SessionRow> batch;

  SessionRead(boolean touches, SessionPlace place) {
    this.touches = touches;
    this.place = place;
    this.batch = new ReadBatch(touches);
  }

  @Override
  public String name() {
    return touches ? "session_touch" : "session_get";
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
    return touches ? from("_session_touch_one(?, false)") : from("_session_read_one(?)");
  }

  @Override
  public String ownSql() {
    return touches ? from("_session_touch_one(?, true)") : sql();
  }

  @Override
  public String quickSql(Durability level) {
    return level == Durability.EPHEMERAL ? ownSql() : from("_session_quick_read(?)");
  }

  private static String from(String function) {
    return "SELECT "
        + SessionRow.COLUMNS
        + ", s.is_due, s.is_ephemeral FROM ${schema}."
        + function
        + " AS s";
  }

  @Override
  public boolean isInDoubt(@Nullable SessionRow answer) {
    return answer == null || (touches && answer.isDue());
  }

  @Override
  public Durability level(TokenHash args, Levels levels) {
    return place.isEphemeral() ? Durability.EPHEMERAL : Durability.DURABLE;
  }

  @Override
  public void bind(TokenHash args, SqlArguments to) throws SQLException {
    to.bytes(args.bytes());
  }

  @Override
  public @Nullable SessionRow read(TokenHash args, SqlRows rows) throws SQLException {
    if (!rows.next()) {
      return null;
    }
    place.found(rows.bool(SessionRow.WIDTH + 2));
    return SessionRow.read(rows, 1, rows.bool(SessionRow.WIDTH + 1));
  }

  @Override
  public Object orderKey(TokenHash args) {
    return args;
  }

  @Override
  public Batch<TokenHash, @Nullable SessionRow> batch() {
    return batch;
  }

  /** Reads of one session are one read. */
  private static final class ReadBatch implements Batch<TokenHash, @Nullable SessionRow> {
    /** About how much an answer may bring; a session with more comes alone. */
    private static final int ANSWER_BYTES = 4 << 20;

    private final String sql;

    ReadBatch(boolean touches) {
      this.sql =
          "SELECT s.ordinal, "
              + SessionRow.COLUMNS
              + " FROM ${schema}."
              + (touches ? "_session_touch(?, ?, true)" : "_session_read(?, ?)")
              + " AS s";
    }

    @Override
    public String sql(Durability level) {
      return sql;
    }

    @Override
    public Object key(TokenHash args) {
      return args;
    }

    @Override
    public int weight(TokenHash args) {
      return TokenHash.BYTES;
    }

    @Override
    public TokenHash merge(TokenHash earlier, TokenHash later) {
      return earlier;
    }

    @Override
    public void bind(List<TokenHash> calls, SqlArguments to) throws SQLException {
      byte[] hashes = new byte[TokenHash.BYTES * calls.size()];
      for (int i = 0; i < calls.size(); i++) {
        System.arraycopy(calls.get(i).bytes(), 0, hashes, TokenHash.BYTES * i, TokenHash.BYTES);
      }
      to.bytes(hashes).int4(ANSWER_BYTES / calls.size());
    }

    /** A call whose session is too large has no answer, and so is made again, singly. */
    @Override
    public void read(List<TokenHash> calls, SqlRows rows, Answers<@Nullable SessionRow> answers)
        throws SQLException {
      boolean[] present = new boolean[calls.size()];
      while (rows.next()) {
        int position = (int) rows.int8(1);
        present[position] = true;
        SessionRow row = SessionRow.read(rows, 2, false);
        if (row != null) {
          answers.byPosition(position, row);
        }
      }
      for (int i = 0; i < present.length; i++) {
        if (!present[i]) {
          answers.byPosition(i, null);
        }
      }
    }
  }
}
