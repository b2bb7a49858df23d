package io.howdah.engine;

import io.howdah.Durability;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How several calls of one {@link Operation} share a statement.
 *
 * <p>A statement has each key once. Calls on one key are merged in the order of their arrival, and
 * their one answer is shared out again.
 *
 * @param <A> the arguments
 * @param <R> the answer
 */
public interface Batch<A, R extends @Nullable Object> {
  /**
   * A query over arrays, for calls on namespaces that have this durability as far as is known.
   * Writes take two more arguments at the end: patience in milliseconds, and "own".
   */
  String sql(Durability level);

  /**
   * Another form of {@link #sql}, with the same answer and without the two arguments at the end,
   * that is quicker where all namespaces are ephemeral, and right elsewhere; null when there is
   * none.
   */
  default @Nullable String quickSql() {
    return null;
  }

  /** Equal for calls that meet the same row. */
  Object key(A args);

  /** About how many bytes the call sends. */
  int weight(A args);

  /**
   * One call that does what both do, in this order; null when that cannot be, and the later one
   * waits for the next statement.
   */
  @Nullable A merge(A earlier, A later);

  void bind(List<A> calls, SqlArguments to) throws SQLException;

  /**
   * Reads all rows, and gives each call its answer. A call without an answer is made again, singly.
   */
  void read(List<A> calls, SqlRows rows, Answers<R> answers) throws SQLException;

  /** The answer of one of the calls that were merged. */
  default R share(List<A> merged, int position, R answer) {
    return answer;
  }

  /** Where the answers of a statement go. */
  interface Answers<R extends @Nullable Object> {
    void byPosition(int position, R answer);

    void byKey(Object key, R answer);

    /** For the calls that have none yet. */
    void others(R answer);
  }
}
